//! What is kept by name. Receivers, constellations and transmitters are listed, made, fetched, edited and deleted alike.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, SqliteConnection};
use utoipa::ToSchema;

use crate::catalogue::Change;
use crate::error::constraint;
use crate::{Actor, Catalogue, Error, Id, Role};

/// Something that is kept by name: its table, and what is particular to it.
pub trait Entry: Serialize + ToSchema + Send + Sync + Sized + 'static {
    /// What is said of it.
    type Draft: Serialize + DeserializeOwned + ToSchema + Send + Sync + 'static;
    /// What it is called in sentences and in the audit log.
    const KIND: &'static str;
    /// Its table, and its place in the API.
    const PLURAL: &'static str;
    /// Rows that [`Self::read`] takes, of the table `t`.
    const SELECT: &'static str;

    /// What is said of it.
    fn draft(&self) -> &Self::Draft;

    /// Rises with every change.
    fn revision(&self) -> i64;

    /// The name, which is unique.
    fn name_of(draft: &Self::Draft) -> &str;

    /// Refuses what cannot be.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    fn check(draft: &Self::Draft) -> Result<(), Error>;

    /// The columns beside name, id and revision.
    fn columns(draft: &Self::Draft) -> Vec<(&'static str, Column<'_>)>;

    /// From a row of [`Self::SELECT`].
    ///
    /// # Errors
    /// Where the database is damaged.
    fn read(row: &SqliteRow) -> Result<Self, Error>;

    /// Adds what other tables have of it.
    fn complete(self, _db: &mut SqliteConnection) -> impl Future<Output = Result<Self, Error>> + Send {
        std::future::ready(Ok(self))
    }

    /// Brings other tables to the new state, whose row is written; `before` is there where it was edited.
    fn follow(
        _db: &mut SqliteConnection,
        _id: Id,
        _before: Option<&Self>,
        _draft: &Self::Draft,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        std::future::ready(Ok(()))
    }
}

/// A column's value.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    /// A text.
    Text(&'a str),
    /// A number, where it is known.
    Number(Option<f64>),
}

impl Catalogue {
    /// All entries of a kind by name.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn entries<E: Entry>(&self) -> Result<Vec<E>, Error> {
        let mut db = self.reader().acquire().await?;
        let sql = AssertSqlSafe(format!("{} ORDER BY t.name", E::SELECT));
        let rows = sqlx::query(sql).fetch_all(&mut *db).await?;
        let read: Vec<E> = rows.iter().map(E::read).collect::<Result<_, _>>()?;
        let mut entries = Vec::with_capacity(read.len());
        for entry in read {
            entries.push(entry.complete(&mut db).await?);
        }
        Ok(entries)
    }

    /// An entry.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn entry<E: Entry>(&self, id: Id) -> Result<E, Error> {
        let mut db = self.reader().acquire().await?;
        entry(&mut db, id).await
    }

    /// Adds an entry; for contributors.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::Invalid`], [`Error::Taken`], and [`Error::NotFound`] where it refers to what is not
    /// there.
    pub async fn create_entry<E: Entry>(&self, actor: &Actor, draft: &E::Draft) -> Result<E, Error> {
        E::check(draft)?;
        let mut change = self.change(actor, Role::Contributor).await?;
        let id = change.next_id()?;
        let columns = E::columns(draft);
        let names: String = columns.iter().map(|(name, _)| format!("{name}, ")).collect();
        let sql = format!(
            "INSERT INTO {} ({names}name, id, revision) VALUES ({}?, ?, 1)",
            E::PLURAL,
            "?, ".repeat(columns.len())
        );
        write::<E>(&mut change, sql, &columns, draft, id).await?;
        E::follow(change.db(), id, None, draft).await?;
        let made = entry(change.db(), id).await?;
        change.commit(&format!("{}.create", E::KIND), id, json!(draft)).await?;
        Ok(made)
    }

    /// Replaces what is said of an entry; for trainers.
    ///
    /// # Errors
    /// As [`Self::create_entry`], and [`Error::Stale`] where it is not at `revision`.
    pub async fn edit_entry<E: Entry>(
        &self,
        actor: &Actor,
        id: Id,
        revision: i64,
        draft: &E::Draft,
    ) -> Result<E, Error> {
        E::check(draft)?;
        let mut change = self.change(actor, Role::Trainer).await?;
        let before: E = entry(change.db(), id).await?;
        fresh(E::KIND, id, before.revision(), revision)?;
        let columns = E::columns(draft);
        let names: String = columns.iter().map(|(name, _)| format!("{name} = ?, ")).collect();
        let sql = format!("UPDATE {} SET {names}name = ?, revision = revision + 1 WHERE id = ?", E::PLURAL);
        write::<E>(&mut change, sql, &columns, draft, id).await?;
        E::follow(change.db(), id, Some(&before), draft).await?;
        let after = entry(change.db(), id).await?;
        let detail = json!({ "before": before.draft(), "after": draft });
        change.commit(&format!("{}.edit", E::KIND), id, detail).await?;
        Ok(after)
    }

    /// Deletes an entry that nothing refers to; for trainers.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::NotFound`], [`Error::Stale`] and [`Error::InUse`].
    pub async fn delete_entry<E: Entry>(&self, actor: &Actor, id: Id, revision: i64) -> Result<(), Error> {
        let mut change = self.change(actor, Role::Trainer).await?;
        let before: E = entry(change.db(), id).await?;
        fresh(E::KIND, id, before.revision(), revision)?;
        let sql = AssertSqlSafe(format!("DELETE FROM {} WHERE id = ?", E::PLURAL));
        let done = sqlx::query(sql).bind(id.0).execute(change.db()).await;
        let used = || Error::InUse { kind: E::KIND, id: id.to_string() };
        done.map_err(|error| constraint(error, used, used))?;
        change.commit(&format!("{}.delete", E::KIND), id, json!({ "before": before.draft() })).await
    }
}

/// An entry, also within a change.
pub(crate) async fn entry<E: Entry>(db: &mut SqliteConnection, id: Id) -> Result<E, Error> {
    let sql = AssertSqlSafe(format!("{} WHERE t.id = ?", E::SELECT));
    let row = sqlx::query(sql).bind(id.0).fetch_optional(&mut *db).await?;
    let entry = row.as_ref().map(E::read).ok_or_else(|| Error::not_found(E::KIND, id))??;
    entry.complete(db).await
}

/// Refuses a change of something that is not at the revision that was fetched.
pub(crate) fn fresh(kind: &'static str, id: Id, current: i64, revision: i64) -> Result<(), Error> {
    if current == revision { Ok(()) } else { Err(Error::Stale { kind, id: id.to_string(), current }) }
}

async fn write<E: Entry>(
    change: &mut Change,
    sql: String,
    columns: &[(&'static str, Column<'_>)],
    draft: &E::Draft,
    id: Id,
) -> Result<(), Error> {
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for (_, value) in columns {
        query = match value {
            Column::Text(text) => query.bind((*text).to_owned()),
            Column::Number(number) => query.bind(*number),
        };
    }
    let taken = || Error::Taken { kind: E::KIND, name: E::name_of(draft).to_owned() };
    let done = query.bind(E::name_of(draft).to_owned()).bind(id.0).execute(change.db()).await;
    done.map_err(|error| constraint(error, taken, taken))?;
    Ok(())
}
