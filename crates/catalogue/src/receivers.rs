//! Receivers with surveyed positions.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use utoipa::ToSchema;

use crate::catalogue::Change;
use crate::error::constraint;
use crate::{Actor, Catalogue, Error, Id, Place, Role, check, text};

/// What is said of a receiver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReceiverDraft {
    /// Its name, 1 to 200 characters; unique.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Its surveyed position.
    pub place: Place,
    /// Gain from the antenna to the samples, dB, −200 to 200, where it is known.
    #[serde(default)]
    #[schema(minimum = -200, maximum = 200)]
    pub gain_db: Option<f64>,
    /// Anything else.
    #[serde(default)]
    #[schema(max_length = 20_000)]
    pub notes: String,
}

/// A receiver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Receiver {
    /// Its id.
    pub id: Id,
    /// What is said of it.
    #[serde(flatten)]
    pub draft: ReceiverDraft,
    /// Rises with every change.
    pub revision: i64,
}

impl ReceiverDraft {
    fn check(&self) -> Result<(), Error> {
        check::name("name", &self.name)?;
        self.place.check()?;
        check::notes("notes", &self.notes)?;
        self.gain_db.map_or(Ok(()), |gain_db| check::number("gain_db", gain_db, -200.0, 200.0, "write decibels"))
    }
}

impl Catalogue {
    /// All receivers by name.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn receivers(&self) -> Result<Vec<Receiver>, Error> {
        let sql = "SELECT * FROM receivers ORDER BY name";
        sqlx::query(sql).fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// A receiver.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn receiver(&self, id: Id) -> Result<Receiver, Error> {
        let mut db = self.reader().acquire().await?;
        receiver(&mut db, id).await
    }

    /// Adds a receiver; for contributors.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::Invalid`] and [`Error::Taken`].
    pub async fn create_receiver(&self, actor: &Actor, draft: &ReceiverDraft) -> Result<Receiver, Error> {
        draft.check()?;
        let mut change = self.change(actor, Role::Contributor).await?;
        let id = change.next_id()?;
        let sql = "INSERT INTO receivers (name, latitude_deg, longitude_deg, altitude_m, gain_db, notes, revision, id) \
                   VALUES (?, ?, ?, ?, ?, ?, 1, ?)";
        write(&mut change, sql, draft, id).await?;
        change.commit("receiver.create", id, json!({ "name": draft.name })).await?;
        Ok(Receiver { id, draft: draft.clone(), revision: 1 })
    }

    /// Replaces what is said of a receiver; for trainers.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::Invalid`], [`Error::Taken`], [`Error::NotFound`], and [`Error::Stale`] where it is
    /// not at `revision`.
    pub async fn edit_receiver(
        &self,
        actor: &Actor,
        id: Id,
        revision: i64,
        draft: &ReceiverDraft,
    ) -> Result<Receiver, Error> {
        draft.check()?;
        let mut change = self.change(actor, Role::Trainer).await?;
        let before = receiver(change.db(), id).await?;
        fresh("receiver", id, before.revision, revision)?;
        let sql = "UPDATE receivers SET name = ?, latitude_deg = ?, longitude_deg = ?, altitude_m = ?, gain_db = ?, \
                   notes = ?, revision = revision + 1 WHERE id = ?";
        write(&mut change, sql, draft, id).await?;
        if before.draft.name != draft.name {
            text::index_receiver(change.db(), id).await?;
        }
        change.commit("receiver.edit", id, json!({ "before": before.draft, "after": draft })).await?;
        Ok(Receiver { id, draft: draft.clone(), revision: revision + 1 })
    }

    /// Deletes a receiver that nothing refers to; for trainers.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::NotFound`], [`Error::Stale`] and [`Error::InUse`].
    pub async fn delete_receiver(&self, actor: &Actor, id: Id, revision: i64) -> Result<(), Error> {
        let mut change = self.change(actor, Role::Trainer).await?;
        let before = receiver(change.db(), id).await?;
        fresh("receiver", id, before.revision, revision)?;
        let done = sqlx::query("DELETE FROM receivers WHERE id = ?").bind(id.0).execute(change.db()).await;
        let used = || Error::InUse { kind: "receiver", id: id.to_string() };
        done.map_err(|error| constraint(error, used, used))?;
        change.commit("receiver.delete", id, json!({ "before": before.draft })).await
    }
}

/// Refuses a change of something that is not at the revision that was fetched.
pub(crate) fn fresh(kind: &'static str, id: Id, current: i64, revision: i64) -> Result<(), Error> {
    if current == revision { Ok(()) } else { Err(Error::Stale { kind, id: id.to_string(), current }) }
}

async fn write(change: &mut Change, sql: &'static str, draft: &ReceiverDraft, id: Id) -> Result<(), Error> {
    let place = draft.place;
    let query = sqlx::query(sql).bind(&draft.name).bind(place.latitude_deg).bind(place.longitude_deg);
    let query = query.bind(place.altitude_m).bind(draft.gain_db).bind(&draft.notes).bind(id.0);
    let taken = || Error::Taken { kind: "receiver", name: draft.name.clone() };
    query.execute(change.db()).await.map_err(|error| constraint(error, taken, taken))?;
    Ok(())
}

async fn receiver(db: &mut SqliteConnection, id: Id) -> Result<Receiver, Error> {
    let row = sqlx::query("SELECT * FROM receivers WHERE id = ?").bind(id.0).fetch_optional(db).await?;
    read(&row.ok_or_else(|| Error::not_found("receiver", id))?)
}

fn read(row: &SqliteRow) -> Result<Receiver, Error> {
    Ok(Receiver {
        id: Id(row.try_get("id")?),
        draft: ReceiverDraft {
            name: row.try_get("name")?,
            place: Place::read(row)?,
            gain_db: row.try_get("gain_db")?,
            notes: row.try_get("notes")?,
        },
        revision: row.try_get("revision")?,
    })
}
