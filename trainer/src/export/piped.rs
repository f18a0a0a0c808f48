//! A program that reads all, then answers.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// What `command` says of `input`. It must not write before it has read all.
pub(super) fn piped(command: &mut Command, input: &[u8]) -> std::io::Result<Output> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    // Where it ends early, its words say more than the broken pipe.
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input));
    child.wait_with_output()
}
