//! `heimdall serve` as a process: how it starts and ends, what a kill leaves, what memory it takes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[allow(dead_code, reason = "the server's own tests use the rest")]
#[path = "../../../crates/server/tests/server/http.rs"]
mod http;
mod kill;
mod life;
#[cfg(feature = "train")]
mod locate;
mod memory;
#[cfg(feature = "train")]
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../support/mlflow.rs"]
mod mlflow;
mod process;
#[cfg(feature = "train")]
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../support/scenes.rs"]
mod scenes;
#[cfg(feature = "train")]
mod training;
#[allow(dead_code, reason = "the server's own tests use the rest")]
#[path = "../../../crates/server/tests/server/uploading.rs"]
mod uploading;
