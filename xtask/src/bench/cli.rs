//! `heimdall locate` on real recordings: what a person waits for, and the memory it takes.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::measure::{self, Measurement};
use super::{Options, answer};
use crate::paths;

/// Times the whole process and prints minimum, median and maximum.
pub fn run(options: &Options) -> Result<()> {
    if options.runs == 0 {
        bail!("--runs must be at least 1");
    }
    let command = command(&paths::root().join(&options.data))?;
    // The first run fills the file cache and is not counted.
    measure::once(&command)?;
    let runs = (0..options.runs).map(|_| measure::once(&command)).collect::<Result<Vec<Measurement>>>()?;
    println!("{:<16} {:>10} {:>10} {:>10}", format!("{} runs", runs.len()), "min", "median", "max");
    print_row("wall, s", runs.iter().map(|run| run.wall_s).collect(), 3);
    print_row("peak RSS, MB", runs.iter().map(|run| run.peak_rss_bytes as f64 / 1e6).collect(), 1);
    answer::print(&command, &paths::root().join(&options.data).join("truth.json"))
}

fn command(data: &Path) -> Result<Vec<OsString>> {
    let receivers = data.join("receivers.csv");
    let recordings = recordings(data)?;
    if recordings.is_empty() || !receivers.is_file() {
        bail!("no recordings (.wav) with a receivers.csv, name a folder with --data: {}", data.display());
    }
    let program = paths::target().join("release").join("heimdall");
    let mut command: Vec<OsString> = vec![program.into(), "locate".into()];
    command.extend(recordings.into_iter().map(OsString::from));
    command.extend(["--receivers".into(), receivers.into(), "--format".into(), "json".into()]);
    Ok(command)
}

fn recordings(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("cannot read the recordings, name them with --data: {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wav") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn print_row(name: &str, mut values: Vec<f64>, decimals: usize) {
    values.sort_by(f64::total_cmp);
    let (Some(min), Some(max)) = (values.first(), values.last()) else {
        return;
    };
    let median = median(&values);
    println!("{name:<16} {min:>10.decimals$} {median:>10.decimals$} {max:>10.decimals$}");
}

/// The middle of sorted values; of an even number, the mean of the middle two.
fn median(sorted: &[f64]) -> f64 {
    let middle = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { middle(half) } else { (middle(half.wrapping_sub(1)) + middle(half)) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        assert_eq!(median(&[1.0, 2.0, 4.0, 100.0]), 3.0);
        assert_eq!(median(&[1.0, 2.0, 4.0]), 2.0);
    }
}
