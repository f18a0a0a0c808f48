//! The page without its browser: what it knows, what it asks of the workers and how it words numbers.
//!
//! Everything here compiles natively and is tested there. The binaries add the two edges:
//! `app` draws (Leptos, the only user of [`session`]), `worker` computes (the only user of the pipeline's functions).
//!
//! ```text
//!   dropped files ─► Event ─► Session ─► Effect ─► pool of workers
//!                      ▲                               │
//!                      └────────────── Reply ◄─────────┘
//! ```

pub mod colour;
pub mod commands;
pub mod format;
pub mod link;
mod notation;
pub mod outline;
pub mod plot;
pub mod preferences;
pub mod protocol;
pub mod session;
pub mod topology;
