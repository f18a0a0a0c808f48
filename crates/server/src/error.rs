//! Why a server does not start, as sentences for the user.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What stops a server. Errors of single requests are [`crate::problem::Problem`]s.
#[derive(Debug, Error)]
pub enum Error {
    /// The catalogue cannot be used.
    #[error(transparent)]
    Catalogue(#[from] heimdall_catalogue::Error),
    /// A file or folder of the server's own.
    #[error("Cannot {what} ({reason}); check its permissions and the space left, or name another data folder with --data: {}", path.display())]
    Disk {
        /// The action, without a subject: "make the data folder".
        what: &'static str,
        /// What the system said.
        reason: std::io::Error,
        /// Where.
        path: PathBuf,
    },
    /// A second server on one data folder.
    #[error("Another server uses this data folder; stop it, or name another folder with --data: {}", .0.display())]
    InUse(PathBuf),
    /// The address is taken.
    #[error("Port {} of {} is in use; stop what listens there, or choose another with --listen {}:0", .0.port(), .0.ip(), .0.ip())]
    PortInUse(SocketAddr),
    /// The address cannot be listened on.
    #[error("Cannot listen on {address} ({reason}); choose an address of this machine with --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Reachable from other machines with a token that nobody chose.
    #[error(
        "{0} can be reached from other machines; choose a token with --token or HEIMDALL_TOKEN, \
         or listen on 127.0.0.1 only"
    )]
    OpenWithoutToken(SocketAddr),
    /// Reachable from other machines with data that others of this machine can read.
    #[error("{listen} can be reached from other machines, and others on this one may read the data folder; call chmod 700 {}", folder.display())]
    OpenFolder {
        /// The address to listen on.
        listen: SocketAddr,
        /// The data folder.
        folder: PathBuf,
    },
    /// Trainings that cannot be read.
    #[error(transparent)]
    Trainings(#[from] crate::trainings::TrainingError),
    /// A token that is no secret.
    #[error("A token of {0} characters can be guessed; choose one of 16 or more letters, digits, - and _")]
    WeakToken(usize),
    /// A named page folder without a page.
    #[error("There is no index.html; build the page with `cargo xtask build` and name its folder with --page: {}", .0.display())]
    NoPage(PathBuf),
    /// The system ended the connection to its network.
    #[error("Serving ended ({0}); start the server again")]
    Serve(std::io::Error),
}

impl Error {
    /// For `map_err` of file operations.
    pub(crate) fn disk(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |reason| Self::Disk { what, reason, path: path.to_owned() }
    }
}
