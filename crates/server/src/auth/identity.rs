//! Names and roles.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::{Outcome, Problem};

/// What somebody may do; each role may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Uploads recordings and describes them.
    Contributor,
    /// Trains and publishes.
    Trainer,
    /// Approves, deletes, gives tokens.
    Admin,
}

impl Role {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Contributor => "contributor",
            Self::Trainer => "trainer",
            Self::Admin => "admin",
        }
    }
}

/// Who asks. A handler that takes it is reached by requests with a valid token only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Name of the token's owner.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl Identity {
    /// Nothing where the role suffices.
    ///
    /// # Errors
    /// 403 with what is needed.
    pub fn require(&self, role: Role) -> Outcome<()> {
        if self.role >= role {
            return Ok(());
        }
        let (needed, has) = (role.name(), self.role.name());
        let detail =
            format!("This needs the role {needed}, and your token has {has}; ask an administrator for another");
        Err(Problem::new(StatusCode::FORBIDDEN, detail))
    }
}

impl<S: Sync> FromRequestParts<S> for Identity {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let known = parts.extensions.get::<Self>().cloned();
        // Only a route outside of the gate comes here without one.
        known.ok_or_else(|| Problem::internal("Recognising who asks", "a route that needs it is outside of the gate"))
    }
}
