//! Receivers with surveyed positions.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use utoipa::ToSchema;

use crate::entries::{Column, Entry};
use crate::{Error, Id, Place, check, text};

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
    /// When it was last heard: the end of the newest session with a recording of it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub heard: Option<Timestamp>,
}

impl Entry for Receiver {
    type Draft = ReceiverDraft;
    const KIND: &'static str = "receiver";
    const PLURAL: &'static str = "receivers";
    const SELECT: &'static str = "SELECT t.*, (SELECT MAX(s.start_ns + CAST(s.duration_s * 1e9 AS INTEGER)) \
        FROM recordings r JOIN sessions s ON s.id = r.session_id \
        WHERE r.receiver_id = t.id AND s.deleted_ns IS NULL) AS heard_ns FROM receivers t";

    fn draft(&self) -> &ReceiverDraft {
        &self.draft
    }

    fn revision(&self) -> i64 {
        self.revision
    }

    fn name_of(draft: &ReceiverDraft) -> &str {
        &draft.name
    }

    fn check(draft: &ReceiverDraft) -> Result<(), Error> {
        check::name("name", &draft.name)?;
        draft.place.check()?;
        check::notes("notes", &draft.notes)?;
        draft.gain_db.map_or(Ok(()), |gain_db| check::number("gain_db", gain_db, -200.0, 200.0, "write decibels"))
    }

    fn columns(draft: &ReceiverDraft) -> Vec<(&'static str, Column<'_>)> {
        let mut columns = draft.place.columns();
        columns.extend([("gain_db", Column::Number(draft.gain_db)), ("notes", Column::Text(&draft.notes))]);
        columns
    }

    fn read(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self {
            id: Id(row.try_get("id")?),
            draft: ReceiverDraft {
                name: row.try_get("name")?,
                place: Place::read(row)?,
                gain_db: row.try_get("gain_db")?,
                notes: row.try_get("notes")?,
            },
            revision: row.try_get("revision")?,
            heard: row.try_get::<Option<i64>, _>("heard_ns")?.map(check::time_of).transpose()?,
        })
    }

    async fn follow(
        db: &mut SqliteConnection,
        id: Id,
        before: Option<&Self>,
        draft: &ReceiverDraft,
    ) -> Result<(), Error> {
        match before {
            Some(before) if before.draft.name != draft.name => text::index_receiver(db, id).await,
            _ => Ok(()),
        }
    }
}
