//! Making, fetching and editing sessions.

use serde_json::json;
use sqlx::SqliteConnection;

use crate::catalogue::Change;
use crate::entries::{entry, fresh};
use crate::error::constraint;
use crate::session::COLUMNS;
use crate::{Actor, Catalogue, Error, Id, RecordingDraft, Role, Session, SessionDraft, Source, Surveyed, Transmitter};
use crate::{check, recordings, text};

/// A session to be made, with its recordings.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSession {
    /// What is said of it.
    pub draft: SessionDraft,
    /// Recordings of stored objects.
    pub recordings: Vec<RecordingDraft>,
}

impl Catalogue {
    /// A session, also a deleted one.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn session(&self, id: Id) -> Result<Session, Error> {
        let mut db = self.reader().acquire().await?;
        session(&mut db, id).await
    }

    /// Makes a pending session without recordings; for contributors.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::Invalid`], and [`Error::NotFound`] for an unknown transmitter or constellation.
    pub async fn create_session(&self, actor: &Actor, draft: &SessionDraft) -> Result<Session, Error> {
        let new = NewSession { draft: draft.clone(), recordings: Vec::new() };
        let id = self.create_sessions(actor, &[new]).await?;
        self.session(*id.first().ok_or_else(|| Error::damaged("a session was not made"))?).await
    }

    /// Makes pending sessions with their recordings, all or none; for contributors.
    ///
    /// # Errors
    /// As [`Self::create_session`] and [`Self::attach`].
    pub async fn create_sessions(&self, actor: &Actor, new: &[NewSession]) -> Result<Vec<Id>, Error> {
        new.iter().try_for_each(|new| new.draft.check())?;
        new.iter().flat_map(|new| &new.recordings).try_for_each(RecordingDraft::check)?;
        let mut change = self.change(actor, Role::Contributor).await?;
        let mut ids = Vec::with_capacity(new.len());
        for new in new {
            let id = insert(&mut change, &new.draft).await?;
            for recording in &new.recordings {
                recordings::insert(&mut change, id, recording).await?;
            }
            text::index(change.db(), id).await?;
            ids.push(id);
        }
        let Some((last, others)) = ids.split_last() else {
            return Ok(ids);
        };
        for id in others {
            change.log("session.create", id, json!({})).await?;
        }
        change.commit("session.create", last, json!({})).await?;
        Ok(ids)
    }

    /// Replaces what is said of a session. Who made it may while it is pending, an admin always; what was approved
    /// stays approved.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::NotYours`], [`Error::Invalid`], [`Error::NotFound`], [`Error::State`] where it is
    /// deleted, and [`Error::Stale`] where it is not at `revision`.
    pub async fn edit_session(
        &self,
        actor: &Actor,
        id: Id,
        revision: i64,
        draft: &SessionDraft,
    ) -> Result<Session, Error> {
        draft.check()?;
        let mut change = self.change(actor, Role::Contributor).await?;
        let before = changeable(&mut change, id, Some(revision)).await?;
        let sql = "UPDATE sessions SET title = ?, center_frequency_hz = ?, start_ns = ?, duration_s = ?, notes = ?, \
                   constellation_id = ?, transmitter_id = ?, source_known = ?, source_latitude_deg = ?, \
                   source_longitude_deg = ?, source_altitude_m = ?, source_error_m = ?, \
                   revision = revision + 1, changed_ns = ? WHERE id = ?";
        write(&mut change, sql, draft, id).await?;
        text::index(change.db(), id).await?;
        let after = session(change.db(), id).await?;
        // Names of fields only: what the user wrote must not outlive a purge.
        change.commit("session.edit", id, json!({ "fields": changed_fields(&before.draft, draft) })).await?;
        Ok(after)
    }
}

fn changed_fields(before: &SessionDraft, after: &SessionDraft) -> Vec<&'static str> {
    let fields = [
        ("title", before.title != after.title),
        ("center_frequency_hz", before.center_frequency_hz != after.center_frequency_hz),
        ("start", before.start != after.start),
        ("duration_s", before.duration_s != after.duration_s),
        ("notes", before.notes != after.notes),
        ("constellation", before.constellation != after.constellation),
        ("source", before.source != after.source),
    ];
    fields.into_iter().filter_map(|(field, changed)| changed.then_some(field)).collect()
}

/// The session, where the actor may change it now.
pub(crate) async fn changeable(change: &mut Change, id: Id, revision: Option<i64>) -> Result<Session, Error> {
    let session = session(change.db(), id).await?;
    change.actor.may_change(&session)?;
    if session.deleted.is_some() {
        let problem = "is deleted; take the deletion back first";
        return Err(Error::State { kind: "session", id: id.to_string(), problem });
    }
    revision.map_or(Ok(()), |revision| fresh("session", id, session.revision, revision))?;
    Ok(session)
}

pub(crate) async fn session(db: &mut SqliteConnection, id: Id) -> Result<Session, Error> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM sessions s WHERE s.id = ?"));
    let row = sqlx::query(sql).bind(id.0).fetch_optional(db).await?;
    Session::read(&row.ok_or_else(|| Error::not_found("session", id))?)
}

/// Notes that a session was changed.
pub(crate) async fn touch(db: &mut SqliteConnection, id: Id) -> Result<(), Error> {
    let sql = "UPDATE sessions SET revision = revision + 1, changed_ns = ? WHERE id = ?";
    sqlx::query(sql).bind(check::now_ns()?).bind(id.0).execute(db).await?;
    Ok(())
}

async fn insert(change: &mut Change, draft: &SessionDraft) -> Result<Id, Error> {
    let id = change.next_id()?;
    let sql = "INSERT INTO sessions (title, center_frequency_hz, start_ns, duration_s, notes, constellation_id, \
               transmitter_id, source_known, source_latitude_deg, source_longitude_deg, source_altitude_m, \
               source_error_m, changed_ns, id, state, created_by, created_ns, revision) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', '', 0, 1)";
    write(change, sql, draft, id).await?;
    let sql = "UPDATE sessions SET owner_id = ?, created_by = ?, created_ns = changed_ns WHERE id = ?";
    let (owner, name) = (change.actor.token.map(|token| token.0), change.actor.name.clone());
    sqlx::query(sql).bind(owner).bind(name).bind(id.0).execute(change.db()).await?;
    Ok(id)
}

async fn write(change: &mut Change, sql: &'static str, draft: &SessionDraft, id: Id) -> Result<(), Error> {
    let (transmitter_id, position): (Option<Id>, Option<Surveyed>) = match &draft.source {
        Source::Unknown => (None, None),
        Source::Position(position) => (None, Some(*position)),
        Source::Transmitter { transmitter: id } => {
            (Some(*id), Some(entry::<Transmitter>(change.db(), *id).await?.draft.position))
        }
    };
    let place = position.map(|position| position.place);
    let query = sqlx::query(sql).bind(&draft.title).bind(draft.center_frequency_hz);
    let query = query.bind(check::time_ns("start", draft.start)?).bind(draft.duration_s).bind(&draft.notes);
    let query = query.bind(draft.constellation.map(|id| id.0)).bind(transmitter_id.map(|id| id.0));
    let query = query.bind(i64::from(position.is_some())).bind(place.map(|place| place.latitude_deg));
    let query = query.bind(place.map(|place| place.longitude_deg)).bind(place.and_then(|place| place.altitude_m));
    let query = query.bind(position.map(|position| position.error_m)).bind(check::now_ns()?).bind(id.0);
    let missing = || {
        let id = draft.constellation.map(|id| id.to_string());
        Error::NotFound { kind: "constellation", id: id.unwrap_or_default() }
    };
    query.execute(change.db()).await.map_err(|error| constraint(error, missing, missing))?;
    Ok(())
}
