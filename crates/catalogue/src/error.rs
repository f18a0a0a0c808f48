//! What can go wrong, in sentences for the user.

use crate::Role;

/// Why the catalogue refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A field of the input cannot be.
    #[error("{field} {problem}; {advice}")]
    Invalid {
        /// Name of the field, as in the API.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
        /// What to write instead.
        advice: &'static str,
    },
    /// Nothing has this id.
    #[error("There is no {kind} {id}; list them to find the one that is meant")]
    NotFound {
        /// "session", "receiver", …
        kind: &'static str,
        /// The id that was asked for.
        id: String,
    },
    /// Somebody else changed it since it was fetched.
    #[error("The {kind} {id} was changed meanwhile and is at revision {current}; fetch it again and repeat the change")]
    Stale {
        /// "session", "receiver", …
        kind: &'static str,
        /// Its id.
        id: String,
        /// The revision that it has now.
        current: i64,
    },
    /// The token's role does not suffice.
    #[error("The token \"{name}\" is a {role} and this needs a {needed}; ask an admin for another token")]
    Role {
        /// Name of the token.
        name: String,
        /// The role that it has.
        role: Role,
        /// The least role that may.
        needed: Role,
    },
    /// Only who made a session may change it, while nobody has decided on it.
    #[error("The token \"{name}\" may change only its own pending sessions, not {id}; ask an admin to do it")]
    NotYours {
        /// Name of the token.
        name: String,
        /// The session.
        id: String,
    },
    /// A name or a content that may exist once.
    #[error("There is already a {kind} \"{name}\"; use it or choose another")]
    Taken {
        /// "receiver", "recording", …
        kind: &'static str,
        /// The name in question.
        name: String,
    },
    /// Something else refers to it.
    #[error("The {kind} {id} is still used; change or purge what refers to it first")]
    InUse {
        /// "receiver", "transmitter", …
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// It is not in a state that allows this.
    #[error("The {kind} {id} {problem}")]
    State {
        /// "session", "object", …
        kind: &'static str,
        /// Its id.
        id: String,
        /// In which state it is and what to do first.
        problem: &'static str,
    },
    /// The token has stored as much as it may.
    #[error(
        "{bytes} bytes would exceed the quota of \"{name}\" ({used_bytes} of {quota_bytes} bytes used); purge sessions or ask an admin for more"
    )]
    Quota {
        /// Name of the token.
        name: String,
        /// What was to be added.
        bytes: i64,
        /// What it stores already.
        used_bytes: i64,
        /// What it may store.
        quota_bytes: i64,
    },
    /// The catalogue's file is damaged.
    #[error("The catalogue is damaged ({problem}); put back its last copy")]
    Damaged {
        /// What SQLite says.
        problem: String,
    },
    /// The database does not work.
    #[error("The catalogue could not be read or written ({0}); look at the disk's free space and the folder's rights")]
    Database(#[from] sqlx::Error),
    /// The file's tables cannot be brought to this version.
    #[error("The catalogue's tables do not fit this version of Heimdall ({0}); use the version that wrote them")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The system gives no random numbers.
    #[error("The system gives no random numbers ({0}); try again")]
    Random(getrandom::Error),
}

impl Error {
    pub(crate) fn invalid(field: &'static str, problem: impl Into<String>, advice: &'static str) -> Self {
        Self::Invalid { field, problem: problem.into(), advice }
    }

    pub(crate) fn not_found(kind: &'static str, id: impl ToString) -> Self {
        Self::NotFound { kind, id: id.to_string() }
    }

    /// Damaged where a row holds what was never written.
    pub(crate) fn damaged(problem: impl Into<String>) -> Self {
        Self::Damaged { problem: problem.into() }
    }
}

/// What a failed constraint means for the user.
pub(crate) fn constraint(error: sqlx::Error, taken: impl FnOnce() -> Error, used: impl FnOnce() -> Error) -> Error {
    match error.as_database_error() {
        Some(found) if found.is_unique_violation() => taken(),
        Some(found) if found.is_foreign_key_violation() => used(),
        _ => error.into(),
    }
}
