//! A real server on a real socket.

mod access;
mod clients;
mod events;
mod http;
mod page;
mod refusals;
mod sessions;
mod support;
mod tus;
mod uploading;
