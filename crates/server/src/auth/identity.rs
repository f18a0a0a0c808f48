//! Names and roles.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use heimdall_catalogue::{Actor, Id};

use crate::problem::{Outcome, Problem};

pub use heimdall_catalogue::Role;

/// Who asks. A handler that takes it is reached by requests with a valid token only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Name of the token's owner.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The token in the catalogue; none for the one that the server was started with.
    pub token: Option<Id>,
}

impl Identity {
    /// The administrator, who has the token that the server was started with.
    #[must_use]
    pub fn owner() -> Self {
        Actor::owner().into()
    }

    /// The same for the catalogue.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { token: self.token, name: self.name.clone(), role: self.role }
    }

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

impl From<Actor> for Identity {
    fn from(actor: Actor) -> Self {
        Self { name: actor.name, role: actor.role, token: actor.token }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_may_do_what_those_before_it_may() {
        let trainer = Identity { name: "t".into(), role: Role::Trainer, token: None };
        assert_eq!([Role::Viewer, Role::Contributor, Role::Trainer].map(|role| trainer.require(role)), [(); 3].map(Ok));
        let refused = trainer.require(Role::Admin).unwrap_err();
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(refused.detail.contains("needs the role admin"), "{}", refused.detail);
    }
}
