//! Figures, what is asked of them, and the circumstances under which they were measured.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

/// Prints figures as they come, and knows whether one was missed.
#[derive(Default)]
pub struct Figures {
    missed: usize,
}

impl Figures {
    /// A time, and the longest that is asked for.
    pub fn time(&mut self, what: &str, time: Duration, limit: Option<Duration>) {
        let shown = format!("{:.1} ms", milliseconds(time));
        let limit = limit.map(|limit| (format!("at most {:.0} ms", milliseconds(limit)), time <= limit));
        self.row(what, &shown, limit);
    }

    /// A number of things that should not be.
    pub fn none(&mut self, what: &str, count: usize) {
        self.row(what, &count.to_string(), Some(("none".to_owned(), count == 0)));
    }

    /// What is only said.
    pub fn said(&mut self, what: &str, shown: &str) {
        self.row(what, shown, None);
    }

    /// Whether none was missed.
    pub fn all_reached(&self) -> bool {
        self.missed == 0
    }

    fn row(&mut self, what: &str, shown: &str, limit: Option<(String, bool)>) {
        let limit = match limit {
            None => String::new(),
            Some((limit, true)) => limit,
            Some((limit, false)) => {
                self.missed += 1;
                format!("{limit}: MISSED")
            }
        };
        println!("{what:<68} {shown:>12}  {limit}");
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The time that this part of all does not exceed; an error where there are none.
pub fn quantile(times: &mut [Duration], part: f64) -> Result<Duration> {
    times.sort_unstable();
    let rank = (times.len() as f64 * part).ceil() as usize;
    times.get(rank.saturating_sub(1)).copied().context("nothing was measured")
}

/// Version of the program, processors, and what else the machine is doing.
pub fn circumstances(program: &Path) -> Result<String> {
    let output = Command::new(program).arg("--version").output();
    let output = output.with_context(|| format!("cannot start {}", program.display()))?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = processor.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let processor = processor.map_or("of a kind that the system does not tell", |(_, name)| name);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').take(3).collect::<Vec<_>>().join(", ");
    Ok(format!("{version}; {cores} processors {processor}; load of the last 1, 5, 15 minutes before: {load}"))
}
