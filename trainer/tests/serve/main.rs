//! `heimdall serve` as a process: how it starts and ends, what a kill leaves, what memory it takes.

#[path = "../../../crates/server/tests/server/http.rs"]
mod http;
mod kill;
mod life;
mod memory;
mod process;
#[path = "../../../crates/server/tests/server/uploading.rs"]
mod uploading;
