//! What a server is started with.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Port where none is chosen.
const PORT: u16 = 7373;

/// What a server is started with. [`Options::new`] gives the defaults.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of everything that is kept; made with mode 0700 where it is not there.
    pub data: PathBuf,
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Folder of the built page; without one only the API is served.
    pub page: Option<PathBuf>,
    /// Token of the administrator; without one that of the data folder, which is made at the first start.
    pub token: Option<String>,
    /// Names under which the server may be called, beside addresses and `localhost`.
    pub hosts: Vec<String>,
    /// The program `heimdall`, where it can run networks: it locates stored recordings.
    pub locator: Option<PathBuf>,
    /// The program `heimdall`, where it can train; worlds are then expected in `worlds` below the data folder.
    pub trainer: Option<PathBuf>,
    /// World files that a new data folder begins with: names and contents.
    pub worlds: Vec<(String, &'static str)>,
    /// What requests may take.
    pub limits: Limits,
}

impl Options {
    /// Listens on this machine only, with the page nowhere.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), PORT),
            page: None,
            token: None,
            hosts: Vec::new(),
            locator: None,
            trainer: None,
            worlds: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// What requests may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest upload, bytes.
    pub upload_bytes: u64,
    /// Bytes that one identity's uploads may hold together; `None` for no limit.
    pub quota_bytes: Option<u64>,
    /// Time after its last byte at which an unfinished upload, or the record of a finished one, is removed.
    pub upload_expiry: Duration,
    /// Time after which a stored file that no session took is deleted.
    pub unattached: Duration,
    /// Time without a byte after which a piece of an upload is ended; what arrived is kept.
    pub idle: Duration,
    /// Largest body of a request that is no upload, bytes.
    pub body_bytes: usize,
    /// Time for a request that is neither upload nor event stream.
    pub request: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            upload_bytes: 64 << 30,
            quota_bytes: None,
            upload_expiry: Duration::from_secs(7 * 24 * 3600),
            unattached: Duration::from_secs(30 * 24 * 3600),
            idle: Duration::from_secs(30),
            body_bytes: 2 << 20,
            request: Duration::from_secs(30),
        }
    }
}
