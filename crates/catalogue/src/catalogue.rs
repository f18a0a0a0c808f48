//! The file: opening, reading, and changing with an audit line.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqliteConnection, Transaction};

use crate::id::Ids;
use crate::{Actor, Error, Id, Role, audit};

/// Readers at a time; a write does not wait for them.
const READERS: u32 = 4;
/// How long a change waits for another process that writes.
const BUSY: Duration = Duration::from_secs(10);

/// What the server keeps, in one SQLite file. Clones share it.
#[derive(Clone, Debug)]
pub struct Catalogue {
    reader: SqlitePool,
    writer: SqlitePool,
    ids: Arc<Ids>,
}

impl Catalogue {
    /// Opens the file, makes it where it is missing, and brings its tables to this version.
    ///
    /// # Errors
    /// Where the file cannot be read or written, is none of SQLite's, or was written by a newer version.
    pub async fn open(path: &Path) -> Result<Self, Error> {
        // A commit is on the disk before it is acknowledged, also where the power fails.
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // Deleted rows are overwritten: deletion really deletes.
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY);
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        sqlx::migrate!().run(&writer).await?;
        let reader = SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { reader, writer, ids: Arc::new(Ids::new()) })
    }

    /// Waits for what is under way and closes the file.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    /// Looks through the whole file for damage; takes seconds where it is large.
    ///
    /// # Errors
    /// [`Error::Damaged`] with what was found first.
    pub async fn verify(&self) -> Result<(), Error> {
        let found: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&self.reader).await?;
        if found != "ok" {
            return Err(Error::damaged(found));
        }
        match sqlx::query("PRAGMA foreign_key_check").fetch_optional(&self.reader).await? {
            None => Ok(()),
            Some(_) => Err(Error::damaged("a row refers to another that is missing")),
        }
    }

    /// For reading.
    pub(crate) fn reader(&self) -> &SqlitePool {
        &self.reader
    }

    /// The one writer, for what is no change: the last use of a token.
    pub(crate) fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// Begins a change by who has at least the role `needed`.
    pub(crate) async fn change(&self, actor: &Actor, needed: Role) -> Result<Change, Error> {
        actor.need(needed)?;
        // Immediate: a transaction that first reads must not lose its right to write.
        let transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Change { transaction, actor: actor.clone(), ids: Arc::clone(&self.ids) })
    }
}

/// A change under way; dropped, it has not happened.
pub(crate) struct Change {
    transaction: Transaction<'static, Sqlite>,
    pub(crate) actor: Actor,
    ids: Arc<Ids>,
}

impl Change {
    /// Where statements are executed.
    pub(crate) fn db(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }

    pub(crate) fn next_id(&self) -> Result<Id, Error> {
        self.ids.next()
    }

    /// Writes a line of the audit log.
    pub(crate) async fn log(
        &mut self,
        action: &str,
        subject: impl ToString,
        detail: serde_json::Value,
    ) -> Result<(), Error> {
        let id = self.next_id()?;
        audit::write(&mut self.transaction, id, &self.actor, action, &subject.to_string(), &detail).await
    }

    /// Writes the audit line and makes the change durable. There is no commit without a line.
    pub(crate) async fn commit(
        mut self,
        action: &str,
        subject: impl ToString,
        detail: serde_json::Value,
    ) -> Result<(), Error> {
        self.log(action, subject, detail).await?;
        Ok(self.transaction.commit().await?)
    }
}
