//! Approving and rejecting sessions.

use serde_json::json;

use crate::entries::fresh;
use crate::sessions::session;
use crate::{Actor, Catalogue, Error, Id, Role, Session, SessionState, check};

impl Catalogue {
    /// Says that a session may be learnt from, whatever was decided before; for trainers.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::NotFound`], [`Error::State`] where it is deleted or has no recording, and
    /// [`Error::Stale`] where `revision` is given and it is not at it.
    pub async fn approve_session(&self, actor: &Actor, id: Id, revision: Option<i64>) -> Result<Session, Error> {
        self.decide(actor, id, revision, SessionState::Approved, None).await
    }

    /// Says that a session may not be learnt from, whatever was decided before; for trainers.
    ///
    /// # Errors
    /// As [`Self::approve_session`], and [`Error::Invalid`] where there is no reason.
    pub async fn reject_session(
        &self,
        actor: &Actor,
        id: Id,
        revision: Option<i64>,
        reason: &str,
    ) -> Result<Session, Error> {
        if reason.trim().is_empty() {
            return Err(Error::invalid("reason", "is empty", "say what is wrong with the session"));
        }
        check::notes("reason", reason)?;
        self.decide(actor, id, revision, SessionState::Rejected, Some(reason)).await
    }

    async fn decide(
        &self,
        actor: &Actor,
        id: Id,
        revision: Option<i64>,
        state: SessionState,
        reason: Option<&str>,
    ) -> Result<Session, Error> {
        let mut change = self.change(actor, Role::Trainer).await?;
        let before = session(change.db(), id).await?;
        let refuse = |problem| Err(Error::State { kind: "session", id: id.to_string(), problem });
        if before.deleted.is_some() {
            return refuse("is deleted; take the deletion back first");
        }
        if state == SessionState::Approved && before.recordings == 0 {
            return refuse("has no recording; attach one first");
        }
        revision.map_or(Ok(()), |revision| fresh("session", id, before.revision, revision))?;
        let sql = "UPDATE sessions SET state = ?, reason = ?, decided_by = ?, decided_ns = ?, changed_ns = ?, \
                   revision = revision + 1 WHERE id = ?";
        let now = check::now_ns()?;
        let query = sqlx::query(sql).bind(state.name()).bind(reason).bind(&actor.name).bind(now).bind(now);
        query.bind(id.0).execute(change.db()).await?;
        let after = session(change.db(), id).await?;
        let action = match state {
            SessionState::Rejected => "session.reject",
            _ => "session.approve",
        };
        change.commit(action, id, json!({ "before": before.state })).await?;
        Ok(after)
    }
}
