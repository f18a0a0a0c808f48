//! Prints how long the page takes from a drop of the real recordings to the drawn answer.
//!
//! Every run is a browser with an empty profile, and the files come as soon as the page takes any: loading and starting
//! the workers is included. `cargo xtask bench page` builds the page and calls this.

use std::process::ExitCode;

use heimdall_browser_tests::{Options, dcf77, in_browser};

/// What a person may have to wait.
const LIMIT_MS: f64 = 2000.0;

/// What we would like it to be.
const AIM_MS: f64 = 500.0;

fn main() -> ExitCode {
    let runs = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(5_usize).max(1);
    let Some(files) = dcf77() else { return ExitCode::SUCCESS };
    let mut times_ms: Vec<f64> = (0..runs)
        .map(|_| {
            let files = files.clone();
            in_browser(Options::default(), async move |page| {
                page.choose(&files).await;
                page.settled().await;
                page.drop_to_drawn_ms().await
            })
        })
        .collect();
    times_ms.sort_by(f64::total_cmp);
    let at = |index: usize| times_ms.get(index).copied().unwrap_or(f64::NAN);
    let median_ms = f64::midpoint(at((runs - 1) / 2), at(runs / 2));
    println!("{:<16} {:>10} {:>10} {:>10}", format!("{runs} loads"), "min", "median", "max");
    println!("{:<16} {:>10.0} {median_ms:>10.0} {:>10.0}", "drop to drawn, ms", at(0), at(runs - 1));
    println!("limit {LIMIT_MS:.0} ms, aim {AIM_MS:.0} ms");
    if median_ms > LIMIT_MS {
        eprintln!("error: the median is {:.0} ms over its limit", median_ms - LIMIT_MS);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
