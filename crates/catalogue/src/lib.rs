//! What the server keeps: sessions, recordings, objects, receivers, constellations, transmitters, tokens and the
//! audit log, in one SQLite file.
//!
//! ```
//! # async fn example(folder: &std::path::Path) -> Result<(), heimdall_catalogue::Error> {
//! use heimdall_catalogue::{Actor, Catalogue, SessionDraft, SessionFilter, Source};
//!
//! let catalogue = Catalogue::open(&folder.join("catalogue.sqlite")).await?;
//! let draft = SessionDraft {
//!     title: "DCF77 in the morning".into(),
//!     center_frequency_hz: 77.5e3,
//!     start: jiff::Timestamp::UNIX_EPOCH,
//!     duration_s: 30.0,
//!     notes: String::new(),
//!     constellation: None,
//!     source: Source::Unknown,
//! };
//! let session = catalogue.create_session(&Actor::owner(), &draft).await?;
//! let found = catalogue.sessions(&SessionFilter { text: Some("dcf77 mor".into()), ..Default::default() }).await?;
//! assert_eq!(found.items, [session]);
//! # Ok(())
//! # }
//! # let folder = tempfile::tempdir().unwrap();
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example(folder.path())).unwrap();
//! ```
//!
//! Every change is one transaction with its line of the audit log, on the disk before it is acknowledged. Who may
//! change what is decided here and nowhere above: every change takes an [`Actor`]. Input is checked here, once.
//!
//! # Limits
//! One process writes at a time; another one waits up to ten seconds. What is deleted leaves free pages in the file
//! that are overwritten with zeros.
#![forbid(unsafe_code)]

mod actor;
mod audit;
mod catalogue;
mod check;
mod constellations;
mod entries;
mod error;
mod id;
mod listing;
mod object;
mod page;
mod place;
mod plan;
mod receivers;
mod recordings;
mod removal;
mod review;
mod session;
mod sessions;
mod text;
mod tokens;
mod transmitters;

pub use actor::{Actor, Role};
pub use audit::AuditLine;
pub use catalogue::Catalogue;
pub use constellations::{Constellation, ConstellationDraft};
pub use entries::{Column, Entry};
pub use error::Error;
pub use id::Id;
pub use listing::SessionFilter;
pub use object::{Object, Sha256};
pub use page::Page;
pub use place::{Place, Surveyed};
pub use receivers::{Receiver, ReceiverDraft};
pub use recordings::{RecordingDraft, SessionRecording};
pub use session::{Decision, Session, SessionDraft, SessionState, Source};
pub use sessions::NewSession;
pub use tokens::{Token, TokenDraft};
pub use transmitters::{Transmitter, TransmitterDraft};
