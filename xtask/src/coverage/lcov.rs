//! lcov's line counts: `SF:file`, then `DA:line,count` for each line with code.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::paths;

/// Lines with code, and how many of them ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub lines: usize,
    pub covered: usize,
}

impl Count {
    /// 100 for a crate without code: nothing in it is untested.
    pub fn percent(self) -> f64 {
        if self.lines == 0 { 100.0 } else { 100.0 * self.covered as f64 / self.lines as f64 }
    }
}

/// The counts of each line of each file of the workspace.
pub struct Report {
    files: BTreeMap<PathBuf, BTreeMap<usize, u64>>,
}

impl Report {
    /// Reads an export, leaving out foreign files and test modules.
    pub fn parse(lcov: &str) -> Result<Self> {
        let mut files = read(lcov)?;
        files.retain(|path, _| path.starts_with(paths::root()) && !is_test_file(path));
        for (path, lines) in &mut files {
            let source = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            if let Some(first) = first_test_line(&source) {
                lines.retain(|line, _| *line < first);
            }
        }
        Ok(Self { files })
    }

    /// The sum over the files below a folder.
    pub fn below(&self, folder: &Path) -> Count {
        let counts = self.files.iter().filter(|(path, _)| path.starts_with(folder));
        counts.flat_map(|(_, lines)| lines.values()).fold(Count::default(), |sum, runs| Count {
            lines: sum.lines + 1,
            covered: sum.covered + usize::from(*runs > 0),
        })
    }

    /// The lines that no test ran, a file a line.
    pub fn print_missing(&self) {
        for (path, lines) in &self.files {
            let missing: Vec<String> =
                lines.iter().filter(|(_, runs)| **runs == 0).map(|(line, _)| line.to_string()).collect();
            if !missing.is_empty() {
                let shown = path.strip_prefix(paths::root()).unwrap_or(path);
                println!("not run: {}: {}", shown.display(), missing.join(" "));
            }
        }
    }
}

fn read(lcov: &str) -> Result<BTreeMap<PathBuf, BTreeMap<usize, u64>>> {
    let mut files: BTreeMap<PathBuf, BTreeMap<usize, u64>> = BTreeMap::new();
    let mut current = PathBuf::new();
    for line in lcov.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            current = PathBuf::from(path);
        } else if let Some(data) = line.strip_prefix("DA:") {
            let (number, runs) = data.split_once(',').context("a DA line without a count")?;
            let runs: u64 = runs.parse().with_context(|| format!("not a count: {line}"))?;
            let number: usize = number.parse().with_context(|| format!("not a line: {line}"))?;
            *files.entry(current.clone()).or_default().entry(number).or_default() += runs;
        }
    }
    Ok(files)
}

fn is_test_file(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "tests.rs") || path.components().any(|part| part.as_os_str() == "tests")
}

/// The line, from 1, at which the test module at the end of a file begins.
fn first_test_line(source: &str) -> Option<usize> {
    let lines: Vec<&str> = source.lines().collect();
    lines
        .windows(2)
        .position(
            |pair| matches!(pair, ["#[cfg(test)]", module] if module.starts_with("mod ") && module.ends_with('{')),
        )
        .map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_two_programs_are_added_up() {
        let lcov = "SF:/a.rs\nDA:1,0\nDA:2,0\nend_of_record\nSF:/a.rs\nDA:1,3\nend_of_record\n";
        let files = read(lcov).unwrap();
        assert_eq!(files[Path::new("/a.rs")], BTreeMap::from([(1, 3), (2, 0)]));
    }

    #[test]
    fn only_a_test_module_written_in_the_file_ends_its_counted_lines() {
        assert_eq!(first_test_line("fn a() {}\n#[cfg(test)]\nmod tests {\n}\n"), Some(2));
        assert_eq!(first_test_line("#[cfg(test)]\nmod tests;\nfn a() {}\n"), None);
    }
}
