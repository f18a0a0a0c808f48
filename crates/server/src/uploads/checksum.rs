//! `Upload-Checksum`: the digest of one piece.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::problem::{Outcome, Problem};

/// Algorithms, as `Tus-Checksum-Algorithm` names them.
pub(crate) const ALGORITHMS: &str = "sha256,sha1";

/// The digest of a piece while it arrives, and what it should be.
pub(crate) struct Checksum {
    running: Running,
    expected: Vec<u8>,
}

enum Running {
    Sha256(Sha256),
    Sha1(Sha1),
}

impl Checksum {
    /// Reads the header: the algorithm, a blank, the digest in Base64.
    pub(crate) fn parse(header: &str) -> Outcome<Self> {
        let (name, coded) = header.trim().split_once(' ').unwrap_or((header, ""));
        let (running, length) = match name {
            "sha256" => (Running::Sha256(Sha256::new()), 32),
            "sha1" => (Running::Sha1(Sha1::new()), 20),
            _ => {
                let detail =
                    format!("Upload-Checksum names \"{name}\", which this server does not compute; use {ALGORITHMS}");
                return Err(Problem::bad_request(detail));
            }
        };
        match STANDARD.decode(coded.trim()) {
            Ok(expected) if expected.len() == length => Ok(Self { running, expected }),
            _ => Err(Problem::bad_request(format!(
                "Upload-Checksum has no {name} in Base64; encode its {length} bytes so"
            ))),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match &mut self.running {
            Running::Sha256(digest) => digest.update(bytes),
            Running::Sha1(digest) => digest.update(bytes),
        }
    }

    pub(super) fn matches(self) -> bool {
        match self.running {
            Running::Sha256(digest) => digest.finalize().as_slice() == self.expected,
            Running::Sha1(digest) => digest.finalize().as_slice() == self.expected,
        }
    }
}
