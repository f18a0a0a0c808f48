//! What the tests of the command line share: the program, files for it, and its report.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod data;
pub mod files;
pub mod mlflow;
pub mod program;
pub mod report;
pub mod scenes;
pub mod shapes;
pub mod world;
