//! Constellations: receivers in a fixed order, as a model is made for.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};
use utoipa::ToSchema;

use crate::catalogue::Change;
use crate::error::constraint;
use crate::receivers::fresh;
use crate::{Actor, Catalogue, Error, Id, Role, check};

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

impl ConstellationDraft {
    fn check(&self) -> Result<(), Error> {
        check::name("name", &self.name)?;
        let count = self.receivers.len();
        if !(1..=MOST).contains(&count) {
            return Err(Error::invalid("receivers", format!("are {count}"), "name 1 to 64 receivers"));
        }
        let mut sorted = self.receivers.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() < count {
            return Err(Error::invalid("receivers", "hold one twice", "name each receiver once"));
        }
        Ok(())
    }
}

impl Catalogue {
    /// All constellations by name.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn constellations(&self) -> Result<Vec<Constellation>, Error> {
        let mut db = self.reader().acquire().await?;
        let ids: Vec<i64> =
            sqlx::query_scalar("SELECT id FROM constellations ORDER BY name").fetch_all(&mut *db).await?;
        let mut constellations = Vec::with_capacity(ids.len());
        for id in ids {
            constellations.push(constellation(&mut db, Id(id)).await?);
        }
        Ok(constellations)
    }

    /// A constellation.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn constellation(&self, id: Id) -> Result<Constellation, Error> {
        let mut db = self.reader().acquire().await?;
        constellation(&mut db, id).await
    }

    /// Adds a constellation; for contributors.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::Invalid`], [`Error::Taken`], and [`Error::NotFound`] for an unknown receiver.
    pub async fn create_constellation(
        &self,
        actor: &Actor,
        draft: &ConstellationDraft,
    ) -> Result<Constellation, Error> {
        draft.check()?;
        let mut change = self.change(actor, Role::Contributor).await?;
        let id = change.next_id()?;
        let sql = "INSERT INTO constellations (name, id, revision) VALUES (?, ?, 1)";
        write(&mut change, sql, draft, id).await?;
        change.commit("constellation.create", id, json!(draft)).await?;
        Ok(Constellation { id, draft: draft.clone(), revision: 1 })
    }

    /// Replaces what is said of a constellation; for trainers.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::Invalid`], [`Error::Taken`], [`Error::NotFound`], and [`Error::Stale`] where it is
    /// not at `revision`.
    pub async fn edit_constellation(
        &self,
        actor: &Actor,
        id: Id,
        revision: i64,
        draft: &ConstellationDraft,
    ) -> Result<Constellation, Error> {
        draft.check()?;
        let mut change = self.change(actor, Role::Trainer).await?;
        let before = constellation(change.db(), id).await?;
        fresh("constellation", id, before.revision, revision)?;
        let sql = "DELETE FROM constellation_receivers WHERE constellation_id = ?";
        sqlx::query(sql).bind(id.0).execute(change.db()).await?;
        write(&mut change, "UPDATE constellations SET name = ?, revision = revision + 1 WHERE id = ?", draft, id)
            .await?;
        change.commit("constellation.edit", id, json!({ "before": before.draft, "after": draft })).await?;
        Ok(Constellation { id, draft: draft.clone(), revision: revision + 1 })
    }

    /// Deletes a constellation that nothing refers to; for trainers.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::NotFound`], [`Error::Stale`] and [`Error::InUse`].
    pub async fn delete_constellation(&self, actor: &Actor, id: Id, revision: i64) -> Result<(), Error> {
        let mut change = self.change(actor, Role::Trainer).await?;
        let before = constellation(change.db(), id).await?;
        fresh("constellation", id, before.revision, revision)?;
        let done = sqlx::query("DELETE FROM constellations WHERE id = ?").bind(id.0).execute(change.db()).await;
        let used = || Error::InUse { kind: "constellation", id: id.to_string() };
        done.map_err(|error| constraint(error, used, used))?;
        change.commit("constellation.delete", id, json!({ "before": before.draft })).await
    }
}

async fn write(change: &mut Change, sql: &'static str, draft: &ConstellationDraft, id: Id) -> Result<(), Error> {
    let taken = || Error::Taken { kind: "constellation", name: draft.name.clone() };
    let done = sqlx::query(sql).bind(&draft.name).bind(id.0).execute(change.db()).await;
    done.map_err(|error| constraint(error, taken, taken))?;
    for (place, receiver) in (0_i64..).zip(&draft.receivers) {
        let sql = "INSERT INTO constellation_receivers (constellation_id, place, receiver_id) VALUES (?, ?, ?)";
        let done = sqlx::query(sql).bind(id.0).bind(place).bind(receiver.0).execute(change.db()).await;
        done.map_err(|error| constraint(error, taken, || Error::not_found("receiver", receiver)))?;
    }
    Ok(())
}

async fn constellation(db: &mut SqliteConnection, id: Id) -> Result<Constellation, Error> {
    let row = sqlx::query("SELECT * FROM constellations WHERE id = ?").bind(id.0).fetch_optional(&mut *db).await?;
    let row = row.ok_or_else(|| Error::not_found("constellation", id))?;
    let sql = "SELECT receiver_id FROM constellation_receivers WHERE constellation_id = ? ORDER BY place";
    let receivers: Vec<i64> = sqlx::query_scalar(sql).bind(id.0).fetch_all(db).await?;
    let receivers = receivers.into_iter().map(Id).collect();
    Ok(Constellation {
        id,
        draft: ConstellationDraft { name: row.try_get("name")?, receivers },
        revision: row.try_get("revision")?,
    })
}
