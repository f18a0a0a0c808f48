//! The few lines xtask prints itself, in one shape.

use std::time::Duration;

/// One line about a setup step: what it is about, and what was found or is being done.
pub fn step(subject: &str, text: &str) {
    println!("setup  {subject:<14} {text}");
}

/// The exact command that is about to change this machine, so that it can be repeated by hand.
pub fn installing(subject: &str, why: &str, command: &str) {
    step(subject, &format!("installing ({why}): {command}"));
}

/// The head line of a stage of a longer run.
pub fn stage(name: &str, what: &str) {
    println!("\n== {name}: {what}");
}

/// Seconds with one decimal, as all stage times are printed.
pub fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
