//! The built page in a real Chromium: a server for it, a browser on it, and what a person does there.
//!
//! Tests and the bench of the page's speed are written with [`in_browser`]; `cargo xtask test --stage page --stage
//! browser` builds the page and runs them. They need the variable `HEIMDALL_DIST` (the built page) and take `CHROME`,
//! `CHROMEDRIVER` and `HEIMDALL_CLI` (the program `heimdall`) where these are not the usual ones.
#![forbid(unsafe_code)]
// Every function here serves tests, where a failure is a panic with its reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test support")]

mod browser;
mod command_line;
mod commands;
pub mod desk;
mod driver;
mod files;
mod page;
mod server;
mod serving;

pub use browser::{Options, in_browser, on_server};
pub use command_line::{locate, locate_with_network};
pub use files::{dcf77, dist, no_gnss_fix, noise, sample, screenshots};
pub use heimdall_pipeline::export::ExportFormat;
pub use page::{Page, Settled};
pub use server::{Host, compressing};
pub use serving::Serving;
