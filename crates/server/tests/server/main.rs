//! A real server on a real socket.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod access;
mod clients;
mod events;
mod export;
mod http;
mod import;
mod page;
mod receivers;
mod refusals;
mod schemathesis;
mod sessions;
mod support;
mod tus;
mod uploading;
