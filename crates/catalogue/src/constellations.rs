//! Constellations: receivers in a fixed order, as a model is made for.

use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use utoipa::ToSchema;

use crate::entries::{Column, Entry};
use crate::error::constraint;
use crate::{Error, Id, check};

/// Most receivers of a constellation.
const MOST: usize = 64;

/// What is said of a constellation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConstellationDraft {
    /// Its name, 1 to 200 characters; unique.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Ids of its receivers in order, 1 to 64, none twice.
    #[schema(min_items = 1, max_items = 64)]
    pub receivers: Vec<Id>,
}

/// A constellation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Constellation {
    /// Its id.
    pub id: Id,
    /// What is said of it.
    #[serde(flatten)]
    pub draft: ConstellationDraft,
    /// Rises with every change.
    pub revision: i64,
}

impl Entry for Constellation {
    type Draft = ConstellationDraft;
    const KIND: &'static str = "constellation";
    const PLURAL: &'static str = "constellations";
    const SELECT: &'static str = "SELECT t.* FROM constellations t";

    fn draft(&self) -> &ConstellationDraft {
        &self.draft
    }

    fn revision(&self) -> i64 {
        self.revision
    }

    fn name_of(draft: &ConstellationDraft) -> &str {
        &draft.name
    }

    fn check(draft: &ConstellationDraft) -> Result<(), Error> {
        check::name("name", &draft.name)?;
        let count = draft.receivers.len();
        if !(1..=MOST).contains(&count) {
            return Err(Error::invalid("receivers", format!("are {count}"), "name 1 to 64 receivers"));
        }
        let mut sorted = draft.receivers.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() < count {
            return Err(Error::invalid("receivers", "hold one twice", "name each receiver once"));
        }
        Ok(())
    }

    fn columns(_draft: &ConstellationDraft) -> Vec<(&'static str, Column<'_>)> {
        Vec::new()
    }

    fn read(row: &SqliteRow) -> Result<Self, Error> {
        let draft = ConstellationDraft { name: row.try_get("name")?, receivers: Vec::new() };
        Ok(Self { id: Id(row.try_get("id")?), draft, revision: row.try_get("revision")? })
    }

    async fn complete(mut self, db: &mut SqliteConnection) -> Result<Self, Error> {
        let sql = "SELECT receiver_id FROM constellation_receivers WHERE constellation_id = ? ORDER BY place";
        let receivers: Vec<i64> = sqlx::query_scalar(sql).bind(self.id.0).fetch_all(db).await?;
        self.draft.receivers = receivers.into_iter().map(Id).collect();
        Ok(self)
    }

    async fn follow(
        db: &mut SqliteConnection,
        id: Id,
        _before: Option<&Self>,
        draft: &ConstellationDraft,
    ) -> Result<(), Error> {
        let sql = "DELETE FROM constellation_receivers WHERE constellation_id = ?";
        sqlx::query(sql).bind(id.0).execute(&mut *db).await?;
        for (place, receiver) in (0_i64..).zip(&draft.receivers) {
            let sql = "INSERT INTO constellation_receivers (constellation_id, place, receiver_id) VALUES (?, ?, ?)";
            let done = sqlx::query(sql).bind(id.0).bind(place).bind(receiver.0).execute(&mut *db).await;
            let missing = || Error::not_found("receiver", receiver);
            done.map_err(|error| constraint(error, missing, missing))?;
        }
        Ok(())
    }
}
