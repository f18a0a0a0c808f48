//! Who a token stands for.

use heimdall_catalogue::Catalogue;

use super::Identity;
use crate::digest::sha256;
use crate::problem::Outcome;

/// The tokens that are known: the one that the server was started with, an administrator's, and those of the catalogue.
///
/// Only their SHA-256 is kept and compared, so how long a comparison takes says nothing of a token.
#[derive(Debug)]
pub struct Tokens {
    start: [u8; 32],
    catalogue: Catalogue,
}

impl Tokens {
    /// The start token and those of the catalogue.
    #[must_use]
    pub fn new(start: &str, catalogue: Catalogue) -> Self {
        Self { start: sha256(start.as_bytes()), catalogue }
    }

    /// Whose token it is, if anybody's.
    ///
    /// # Errors
    /// 500 where the catalogue cannot be read.
    pub async fn identify(&self, token: &str) -> Outcome<Option<Identity>> {
        if sha256(token.as_bytes()) == self.start {
            return Ok(Some(Identity::owner()));
        }
        Ok(self.catalogue.authenticate(token).await?.map(Identity::from))
    }
}
