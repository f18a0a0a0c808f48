//! Deleting sessions, taking that back, and purging them for good.

use serde_json::json;

use crate::entries::fresh;
use crate::object::doom;
use crate::recordings::hashes;
use crate::sessions::{changeable, session};
use crate::{Actor, Catalogue, Error, Id, Role, Session, Sha256, check};

impl Catalogue {
    /// Hides a session from the lists; [`Self::undelete_session`] takes it back. Who may edit it may do this.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::NotYours`], [`Error::NotFound`], [`Error::State`] where it is deleted already, and
    /// [`Error::Stale`] where `revision` is given and it is not at it.
    pub async fn delete_session(&self, actor: &Actor, id: Id, revision: Option<i64>) -> Result<Session, Error> {
        let mut change = self.change(actor, Role::Contributor).await?;
        changeable(&mut change, id, revision).await?;
        let sql = "UPDATE sessions SET deleted_ns = ?, changed_ns = ?, revision = revision + 1 WHERE id = ?";
        let now = check::now_ns()?;
        sqlx::query(sql).bind(now).bind(now).bind(id.0).execute(change.db()).await?;
        let after = session(change.db(), id).await?;
        change.commit("session.delete", id, json!({})).await?;
        Ok(after)
    }

    /// Takes a deletion back; for a session that is not deleted it does nothing.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::NotYours`] and [`Error::NotFound`].
    pub async fn undelete_session(&self, actor: &Actor, id: Id) -> Result<Session, Error> {
        let mut change = self.change(actor, Role::Contributor).await?;
        let before = session(change.db(), id).await?;
        change.actor.may_change(&before)?;
        if before.deleted.is_none() {
            return Ok(before);
        }
        let sql = "UPDATE sessions SET deleted_ns = NULL, changed_ns = ?, revision = revision + 1 WHERE id = ?";
        sqlx::query(sql).bind(check::now_ns()?).bind(id.0).execute(change.db()).await?;
        let after = session(change.db(), id).await?;
        change.commit("session.undelete", id, json!({})).await?;
        Ok(after)
    }

    /// Removes a deleted session for good, with its recordings and words. Gives the objects that nothing refers to
    /// any more; [`Self::sweep`] names them until [`Self::forget_object`] is told that their files are gone.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::NotYours`], [`Error::NotFound`], [`Error::State`] where it was not deleted before,
    /// and [`Error::Stale`] where `revision` is given and it is not at it.
    pub async fn purge_session(&self, actor: &Actor, id: Id, revision: Option<i64>) -> Result<Vec<Sha256>, Error> {
        let mut change = self.change(actor, Role::Contributor).await?;
        let before = session(change.db(), id).await?;
        change.actor.may_change(&before)?;
        if before.deleted.is_none() {
            let problem = "is not deleted; delete it first";
            return Err(Error::State { kind: "session", id: id.to_string(), problem });
        }
        revision.map_or(Ok(()), |revision| fresh("session", id, before.revision, revision))?;
        let objects = hashes(change.db(), id).await?;
        sqlx::query("DELETE FROM sessions_text WHERE rowid = ?").bind(id.0).execute(change.db()).await?;
        sqlx::query("DELETE FROM sessions WHERE id = ?").bind(id.0).execute(change.db()).await?;
        let doomed = doom(change.db(), &objects).await?;
        change.commit("session.purge", id, json!({ "recordings": objects.len(), "objects": doomed.len() })).await?;
        Ok(doomed)
    }
}
