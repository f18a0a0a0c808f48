//! A component per panel.

pub(crate) mod commands;
pub(crate) mod empty;
pub(crate) mod exports;
mod facts;
pub(crate) mod header;
pub(crate) mod news;
pub(crate) mod pairs;
mod plot;
pub(crate) mod progress;
mod questions;
mod recording_row;
pub(crate) mod recordings;
mod reference;
mod samples;
pub(crate) mod settings;
mod thumbnail;
pub(crate) mod verdict;
pub(crate) mod why;
