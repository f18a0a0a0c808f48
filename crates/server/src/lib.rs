//! The page, the models and the API over HTTP, in one process with one folder of data.
//!
//! ```no_run
//! # async fn example() -> Result<(), heimdall_server::Error> {
//! use heimdall_server::{Options, Server};
//!
//! let server = Server::bind(Options::new("/tmp/heimdall-data")).await?;
//! println!("{}", server.url());
//! server.run(std::future::pending()).await
//! # }
//! ```
//!
//! # Limits
//! Speaks HTTP/1.1 without TLS: beyond the own machine it belongs behind a proxy that brings it.
//! One process per data folder. Unix only: the data folder's safety is in its permissions.
#![forbid(unsafe_code)]

mod answering;
pub mod api;
pub mod auth;
mod digest;
mod error;
mod events;
mod export;
mod files;
mod folder;
mod headers;
mod import;
mod keeper;
mod locate;
mod models;
mod objects;
mod options;
mod page;
pub mod problem;
mod router;
mod server;
mod state;
mod stored;
pub mod trainings;
pub mod uploads;

pub use error::Error;
pub use events::{Event, Events};
pub use folder::Folder;
pub use keeper::Keeper;
pub use objects::{Objects, Placed};
pub use options::{Limits, Options};
pub use server::Server;
pub use state::AppState;
