//! Recordings of a session: which object, by which receiver, with which facts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use utoipa::ToSchema;

use crate::catalogue::Change;
use crate::error::constraint;
use crate::object::{doom, object, unsigned};
use crate::sessions::{changeable, touch};
use crate::{Actor, Catalogue, Error, Id, Role, Sha256, check, text};

/// Most bytes of a recording's facts as JSON.
const MAX_FACTS: usize = 1 << 20;
/// Most bytes of SigMF metadata.
const MAX_SIGMF: usize = 16 << 20;

/// Most facts that are told of a recording, and characters of each.
const MAX_TOLD: usize = 16;

/// What is said of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecordingDraft {
    /// The stored object with the samples.
    pub sha256: Sha256,
    /// Name of the file, without folders.
    #[schema(min_length = 1, max_length = 200)]
    pub file_name: String,
    /// The receiver that made it, where it is one of the catalogue.
    #[serde(default)]
    pub receiver: Option<Id>,
    /// What Heimdall read from the file.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub facts: Value,
    /// What who gave it said and the file does not, by the keys of `heimdall locate --fact`: `position`, `station`, ….
    #[serde(default)]
    pub told: BTreeMap<String, String>,
    /// The text of the `.sigmf-meta` that came with it, unchanged.
    #[serde(default)]
    pub sigmf_meta: Option<String>,
}

/// A recording of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionRecording {
    /// Its id.
    pub id: Id,
    /// What is said of it.
    #[serde(flatten)]
    pub draft: RecordingDraft,
    /// Length of the object.
    pub bytes: u64,
}

impl RecordingDraft {
    pub(crate) fn check(&self) -> Result<(), Error> {
        check::name("file_name", &self.file_name)?;
        if self.file_name.contains(['/', '\\']) {
            return Err(Error::invalid("file_name", "holds a folder", "write the name alone"));
        }
        if self.facts.to_string().len() > MAX_FACTS {
            return Err(Error::invalid("facts", "have more than 1 MiB", "leave out what Heimdall reads by itself"));
        }
        let long = |text: &String| text.chars().count() > check::MAX_NAME;
        if self.told.len() > MAX_TOLD || self.told.iter().any(|(key, value)| long(key) || long(value)) {
            return Err(Error::invalid("told", "is too long", "write at most 16 facts of 200 characters"));
        }
        if self.sigmf_meta.as_ref().is_some_and(|text| text.len() > MAX_SIGMF) {
            return Err(Error::invalid("sigmf_meta", "has more than 16 MiB", "drop annotations"));
        }
        Ok(())
    }
}

impl Catalogue {
    /// Recordings of a session in the order in which they were attached.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn recordings(&self, session: Id) -> Result<Vec<SessionRecording>, Error> {
        self.session(session).await?;
        let sql = "SELECT r.*, o.bytes FROM recordings r JOIN objects o ON o.sha256 = r.sha256 \
                   WHERE r.session_id = ? ORDER BY r.id";
        sqlx::query(sql).bind(session.0).fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// Attaches a stored object to a session. Who may edit the session may do this.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::NotYours`], [`Error::Invalid`], [`Error::NotFound`] for an unknown session, object
    /// or receiver, [`Error::Taken`] where the session has this object already, [`Error::State`] where it is deleted.
    pub async fn attach(&self, actor: &Actor, session: Id, draft: &RecordingDraft) -> Result<SessionRecording, Error> {
        draft.check()?;
        let mut change = self.change(actor, Role::Contributor).await?;
        changeable(&mut change, session, None).await?;
        let recording = insert(&mut change, session, draft).await?;
        text::index(change.db(), session).await?;
        touch(change.db(), session).await?;
        let detail = json!({ "recording": recording.id, "sha256": draft.sha256 });
        change.commit("recording.attach", session, detail).await?;
        Ok(recording)
    }

    /// Takes a recording out of its session. Gives its object where nothing refers to it any more, as
    /// [`Self::purge_session`] does.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::NotYours`], [`Error::NotFound`], and [`Error::State`] where the session is deleted.
    pub async fn detach(&self, actor: &Actor, session: Id, recording: Id) -> Result<Vec<Sha256>, Error> {
        let mut change = self.change(actor, Role::Contributor).await?;
        changeable(&mut change, session, None).await?;
        let sql = "DELETE FROM recordings WHERE id = ? AND session_id = ? RETURNING sha256";
        let sha256: Option<String> =
            sqlx::query_scalar(sql).bind(recording.0).bind(session.0).fetch_optional(change.db()).await?;
        let sha256 = Sha256::try_from(sha256.ok_or_else(|| Error::not_found("recording", recording))?)?;
        let doomed = doom(change.db(), std::slice::from_ref(&sha256)).await?;
        text::index(change.db(), session).await?;
        touch(change.db(), session).await?;
        let detail = json!({ "recording": recording, "sha256": sha256 });
        change.commit("recording.detach", session, detail).await?;
        Ok(doomed)
    }
}

pub(crate) async fn insert(
    change: &mut Change,
    session: Id,
    draft: &RecordingDraft,
) -> Result<SessionRecording, Error> {
    let bytes = object(change.db(), &draft.sha256).await?.bytes;
    let id = change.next_id()?;
    let sql = "INSERT INTO recordings (id, session_id, sha256, file_name, receiver_id, facts, sigmf_meta, told) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    let query = sqlx::query(sql).bind(id.0).bind(session.0).bind(draft.sha256.as_str()).bind(&draft.file_name);
    let query = query.bind(draft.receiver.map(|id| id.0)).bind(draft.facts.to_string()).bind(&draft.sigmf_meta);
    let query = query.bind(json!(draft.told).to_string());
    let taken = || Error::Taken { kind: "recording", name: draft.sha256.to_string() };
    let missing = || Error::not_found("receiver", draft.receiver.map(String::from).unwrap_or_default());
    query.execute(change.db()).await.map_err(|error| constraint(error, taken, missing))?;
    Ok(SessionRecording { id, draft: draft.clone(), bytes })
}

/// The objects of a session's recordings.
pub(crate) async fn hashes(db: &mut SqliteConnection, session: Id) -> Result<Vec<Sha256>, Error> {
    let sql = "SELECT sha256 FROM recordings WHERE session_id = ?";
    let hashes: Vec<String> = sqlx::query_scalar(sql).bind(session.0).fetch_all(db).await?;
    hashes.into_iter().map(Sha256::try_from).collect()
}

fn read(row: &SqliteRow) -> Result<SessionRecording, Error> {
    let (facts, told): (String, String) = (row.try_get("facts")?, row.try_get("told")?);
    let damaged = |error: serde_json::Error| Error::damaged(error.to_string());
    Ok(SessionRecording {
        id: Id(row.try_get("id")?),
        draft: RecordingDraft {
            sha256: Sha256::try_from(row.try_get::<String, _>("sha256")?)?,
            file_name: row.try_get("file_name")?,
            receiver: row.try_get::<Option<i64>, _>("receiver_id")?.map(Id),
            facts: serde_json::from_str(&facts).map_err(damaged)?,
            told: serde_json::from_str(&told).map_err(damaged)?,
            sigmf_meta: row.try_get("sigmf_meta")?,
        },
        bytes: unsigned(row.try_get("bytes")?)?,
    })
}
