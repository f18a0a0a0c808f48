//! Who does something, and what they may.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Error, Id, Session, SessionState};

/// What a token may do; each role includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Uploads, and makes and changes sessions of its own until somebody has decided on them.
    Contributor,
    /// Approves and rejects; changes receivers, constellations and transmitters.
    Trainer,
    /// Everything, tokens and the audit log as well.
    Admin,
}

impl Role {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Contributor => "contributor",
            Self::Trainer => "trainer",
            Self::Admin => "admin",
        }
    }

    pub(crate) fn read(name: &str) -> Result<Self, Error> {
        let all = [Self::Viewer, Self::Contributor, Self::Trainer, Self::Admin];
        all.into_iter().find(|role| role.name() == name).ok_or_else(|| Error::damaged(format!("a role \"{name}\"")))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Names that no token may have.
pub(crate) const OWNER: &str = "admin";
pub(crate) const SYSTEM: &str = "server";

/// Who asks for a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The token, where the catalogue keeps it; none for the token that the server made at its start.
    pub token: Option<Id>,
    /// The token's name, for the audit log.
    pub name: String,
    /// What it may do.
    pub role: Role,
}

impl Actor {
    /// The owner of the machine, who reads the start token.
    #[must_use]
    pub fn owner() -> Self {
        Self { token: None, name: OWNER.into(), role: Role::Admin }
    }

    /// The server itself, tidying.
    pub(crate) fn system() -> Self {
        Self { token: None, name: SYSTEM.into(), role: Role::Admin }
    }

    /// Refuses who has less than the role `needed`.
    ///
    /// # Errors
    /// [`Error::Role`].
    pub fn need(&self, needed: Role) -> Result<(), Error> {
        if self.role >= needed {
            return Ok(());
        }
        Err(Error::Role { name: self.name.clone(), role: self.role, needed })
    }

    /// Refuses who may not change the session: all but admins and, while it is pending, who made it.
    pub(crate) fn may_change(&self, session: &Session) -> Result<(), Error> {
        let own = self.token.is_some() && self.token == session.owner && session.state == SessionState::Pending;
        if own || self.role == Role::Admin {
            return Ok(());
        }
        Err(Error::NotYours { name: self.name.clone(), id: session.id.to_string() })
    }
}
