//! Transmitters whose place is known.

use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use utoipa::ToSchema;

use crate::entries::{Column, Entry};
use crate::{Error, Id, Place, Surveyed, check};

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

impl Entry for Transmitter {
    type Draft = TransmitterDraft;
    const KIND: &'static str = "transmitter";
    const PLURAL: &'static str = "transmitters";
    const SELECT: &'static str = "SELECT t.* FROM transmitters t";

    fn draft(&self) -> &TransmitterDraft {
        &self.draft
    }

    fn revision(&self) -> i64 {
        self.revision
    }

    fn name_of(draft: &TransmitterDraft) -> &str {
        &draft.name
    }

    fn check(draft: &TransmitterDraft) -> Result<(), Error> {
        check::name("name", &draft.name)?;
        draft.position.check()?;
        check::notes("notes", &draft.notes)?;
        draft.frequency_hz.map_or(Ok(()), |hz| check::frequency("frequency_hz", hz))?;
        draft.power_w.map_or(Ok(()), |power_w| check::number("power_w", power_w, 0.0, 1e9, "write W"))
    }

    fn columns(draft: &TransmitterDraft) -> Vec<(&'static str, Column<'_>)> {
        let mut columns = draft.position.place.columns();
        columns.extend([
            ("error_m", Column::Number(Some(draft.position.error_m))),
            ("frequency_hz", Column::Number(draft.frequency_hz)),
            ("power_w", Column::Number(draft.power_w)),
            ("notes", Column::Text(&draft.notes)),
        ]);
        columns
    }

    fn read(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self {
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

    /// The source of its sessions is where it is.
    async fn follow(
        db: &mut SqliteConnection,
        id: Id,
        before: Option<&Self>,
        draft: &TransmitterDraft,
    ) -> Result<(), Error> {
        match before {
            Some(before) if before.draft.position != draft.position => move_sessions(db, id, draft.position).await,
            _ => Ok(()),
        }
    }
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
