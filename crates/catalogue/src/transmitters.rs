//! Transmitters whose place is known.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use utoipa::ToSchema;

use crate::catalogue::Change;
use crate::error::constraint;
use crate::receivers::fresh;
use crate::{Actor, Catalogue, Error, Id, Place, Role, Surveyed, check};

/// What is said of a transmitter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TransmitterDraft {
    /// Its name, 1 to 200 characters; unique.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Where it is and how far that may be off.
    #[serde(flatten)]
    pub position: Surveyed,
    /// Its frequency in Hz, where it is known.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000_000_000.0)]
    pub frequency_hz: Option<f64>,
    /// Radiated power in W, where it is known.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000.0)]
    pub power_w: Option<f64>,
    /// Anything else.
    #[serde(default)]
    #[schema(max_length = 20_000)]
    pub notes: String,
}

/// A transmitter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Transmitter {
    /// Its id.
    pub id: Id,
    /// What is said of it.
    #[serde(flatten)]
    pub draft: TransmitterDraft,
    /// Rises with every change.
    pub revision: i64,
}

impl TransmitterDraft {
    fn check(&self) -> Result<(), Error> {
        check::name("name", &self.name)?;
        self.position.check()?;
        check::notes("notes", &self.notes)?;
        self.frequency_hz.map_or(Ok(()), |hz| check::frequency("frequency_hz", hz))?;
        self.power_w.map_or(Ok(()), |power_w| check::number("power_w", power_w, 0.0, 1e9, "write W"))
    }
}

impl Catalogue {
    /// All transmitters by name.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn transmitters(&self) -> Result<Vec<Transmitter>, Error> {
        let sql = "SELECT * FROM transmitters ORDER BY name";
        sqlx::query(sql).fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// A transmitter.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn transmitter(&self, id: Id) -> Result<Transmitter, Error> {
        let mut db = self.reader().acquire().await?;
        transmitter(&mut db, id).await
    }

    /// Adds a transmitter; for contributors.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::Invalid`] and [`Error::Taken`].
    pub async fn create_transmitter(&self, actor: &Actor, draft: &TransmitterDraft) -> Result<Transmitter, Error> {
        draft.check()?;
        let mut change = self.change(actor, Role::Contributor).await?;
        let id = change.next_id()?;
        let sql = "INSERT INTO transmitters (name, latitude_deg, longitude_deg, altitude_m, error_m, frequency_hz, \
                   power_w, notes, revision, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)";
        write(&mut change, sql, draft, id).await?;
        change.commit("transmitter.create", id, json!({ "name": draft.name })).await?;
        Ok(Transmitter { id, draft: draft.clone(), revision: 1 })
    }

    /// Replaces what is said of a transmitter, and with it where the source of its sessions is; for trainers.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::Invalid`], [`Error::Taken`], [`Error::NotFound`], and [`Error::Stale`] where it is
    /// not at `revision`.
    pub async fn edit_transmitter(
        &self,
        actor: &Actor,
        id: Id,
        revision: i64,
        draft: &TransmitterDraft,
    ) -> Result<Transmitter, Error> {
        draft.check()?;
        let mut change = self.change(actor, Role::Trainer).await?;
        let before = transmitter(change.db(), id).await?;
        fresh("transmitter", id, before.revision, revision)?;
        let sql = "UPDATE transmitters SET name = ?, latitude_deg = ?, longitude_deg = ?, altitude_m = ?, \
                   error_m = ?, frequency_hz = ?, power_w = ?, notes = ?, revision = revision + 1 WHERE id = ?";
        write(&mut change, sql, draft, id).await?;
        if before.draft.position != draft.position {
            move_sessions(change.db(), id, draft.position).await?;
        }
        change.commit("transmitter.edit", id, json!({ "before": before.draft, "after": draft })).await?;
        Ok(Transmitter { id, draft: draft.clone(), revision: revision + 1 })
    }

    /// Deletes a transmitter that nothing refers to; for trainers.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::NotFound`], [`Error::Stale`] and [`Error::InUse`].
    pub async fn delete_transmitter(&self, actor: &Actor, id: Id, revision: i64) -> Result<(), Error> {
        let mut change = self.change(actor, Role::Trainer).await?;
        let before = transmitter(change.db(), id).await?;
        fresh("transmitter", id, before.revision, revision)?;
        let done = sqlx::query("DELETE FROM transmitters WHERE id = ?").bind(id.0).execute(change.db()).await;
        let used = || Error::InUse { kind: "transmitter", id: id.to_string() };
        done.map_err(|error| constraint(error, used, used))?;
        change.commit("transmitter.delete", id, json!({ "before": before.draft })).await
    }
}

async fn write(change: &mut Change, sql: &'static str, draft: &TransmitterDraft, id: Id) -> Result<(), Error> {
    let Surveyed { place, error_m } = draft.position;
    let query = sqlx::query(sql).bind(&draft.name).bind(place.latitude_deg).bind(place.longitude_deg);
    let query = query.bind(place.altitude_m).bind(error_m).bind(draft.frequency_hz).bind(draft.power_w);
    let taken = || Error::Taken { kind: "transmitter", name: draft.name.clone() };
    let done = query.bind(&draft.notes).bind(id.0).execute(change.db()).await;
    done.map_err(|error| constraint(error, taken, taken))?;
    Ok(())
}

/// Sessions keep a copy of the place, for the search in a box.
async fn move_sessions(db: &mut SqliteConnection, id: Id, position: Surveyed) -> Result<(), Error> {
    let sql = "UPDATE sessions SET source_latitude_deg = ?, source_longitude_deg = ?, source_altitude_m = ?, \
               source_error_m = ?, revision = revision + 1, changed_ns = ? WHERE transmitter_id = ?";
    let Surveyed { place, error_m } = position;
    let query = sqlx::query(sql).bind(place.latitude_deg).bind(place.longitude_deg).bind(place.altitude_m);
    query.bind(error_m).bind(check::now_ns()?).bind(id.0).execute(db).await?;
    Ok(())
}

pub(crate) async fn transmitter(db: &mut SqliteConnection, id: Id) -> Result<Transmitter, Error> {
    let row = sqlx::query("SELECT * FROM transmitters WHERE id = ?").bind(id.0).fetch_optional(db).await?;
    read(&row.ok_or_else(|| Error::not_found("transmitter", id))?)
}

fn read(row: &SqliteRow) -> Result<Transmitter, Error> {
    Ok(Transmitter {
        id: Id(row.try_get("id")?),
        draft: TransmitterDraft {
            name: row.try_get("name")?,
            position: Surveyed { place: Place::read(row)?, error_m: row.try_get("error_m")? },
            frequency_hz: row.try_get("frequency_hz")?,
            power_w: row.try_get("power_w")?,
            notes: row.try_get("notes")?,
        },
        revision: row.try_get("revision")?,
    })
}
