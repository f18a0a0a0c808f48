//! Stored files, known by their content.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use utoipa::ToSchema;

use crate::tokens::used_bytes;
use crate::{Actor, Catalogue, Error, Role, check};

/// SHA-256 of a file: 64 hexadecimal digits, lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
pub struct Sha256(String);

impl Sha256 {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Sha256 {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if text.len() == 64 && digits {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::invalid("sha256", "is no SHA-256", "write 64 hexadecimal digits in lower case"))
    }
}

impl TryFrom<String> for Sha256 {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Sha256> for String {
    fn from(hash: Sha256) -> Self {
        hash.0
    }
}

/// A stored file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Object {
    /// SHA-256 of its content.
    pub sha256: Sha256,
    /// Its length.
    pub bytes: u64,
    /// How many recordings refer to it.
    pub references: u64,
}

const SELECT: &str = "SELECT o.*, (SELECT COUNT(*) FROM recordings r WHERE r.sha256 = o.sha256) AS uses \
                      FROM objects o WHERE o.sha256 = ? AND o.doomed = 0";

impl Catalogue {
    /// Notes a file that lies in the store. The same content twice is one object, and costs its first owner only. What
    /// was to be deleted stays: call this only while no file of [`Self::sweep`] is being deleted.
    ///
    /// # Errors
    /// [`Error::Role`] for viewers and [`Error::Quota`].
    pub async fn add_object(&self, actor: &Actor, sha256: &Sha256, bytes: u64) -> Result<Object, Error> {
        let mut change = self.change(actor, Role::Contributor).await?;
        let size = i64::try_from(bytes).map_err(|_| Error::invalid("bytes", "is too large", "store smaller files"))?;
        let sql = "SELECT doomed FROM objects WHERE sha256 = ?";
        let doomed: Option<i64> = sqlx::query_scalar(sql).bind(sha256.as_str()).fetch_optional(change.db()).await?;
        if doomed == Some(0) {
            return object(change.db(), sha256).await;
        }
        sqlx::query("DELETE FROM objects WHERE sha256 = ?").bind(sha256.as_str()).execute(change.db()).await?;
        quota(change.db(), actor, size).await?;
        let sql = "INSERT INTO objects (sha256, bytes, owner_id, created_ns) VALUES (?, ?, ?, ?)";
        let query = sqlx::query(sql).bind(sha256.as_str()).bind(size).bind(actor.token.map(|token| token.0));
        query.bind(check::now_ns()?).execute(change.db()).await?;
        change.commit("object.add", sha256, json!({ "bytes": bytes })).await?;
        Ok(Object { sha256: sha256.clone(), bytes, references: 0 })
    }

    /// An object.
    ///
    /// # Errors
    /// [`Error::NotFound`], also where it is being deleted.
    pub async fn object(&self, sha256: &Sha256) -> Result<Object, Error> {
        let mut db = self.reader().acquire().await?;
        object(&mut db, sha256).await
    }

    /// Whether there is a row of this object, also while it is being deleted.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn knows_object(&self, sha256: &Sha256) -> Result<bool, Error> {
        let sql = "SELECT COUNT(*) FROM objects WHERE sha256 = ?";
        let rows: i64 = sqlx::query_scalar(sql).bind(sha256.as_str()).fetch_one(self.reader()).await?;
        Ok(rows > 0)
    }

    /// Whether the actor may store `bytes` more; for the answer before an upload begins.
    ///
    /// # Errors
    /// [`Error::Role`] for viewers and [`Error::Quota`].
    pub async fn may_store(&self, actor: &Actor, bytes: u64) -> Result<(), Error> {
        actor.need(Role::Contributor)?;
        let mut db = self.reader().acquire().await?;
        quota(&mut db, actor, i64::try_from(bytes).unwrap_or(i64::MAX)).await
    }

    /// Objects whose files are to be deleted: those of purged sessions, and those that no session took within
    /// `grace`. After this no recording can refer to them. Answer with [`Self::forget_object`] when the file is gone;
    /// until then each call names it again, also after a crash.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn sweep(&self, grace: SignedDuration) -> Result<Vec<Sha256>, Error> {
        let before = Timestamp::now().saturating_sub(grace).map_err(|error| Error::damaged(error.to_string()))?;
        let sql = "UPDATE objects SET doomed = 1 WHERE doomed = 0 AND created_ns <= ? \
                   AND NOT EXISTS (SELECT 1 FROM recordings r WHERE r.sha256 = objects.sha256)";
        sqlx::query(sql).bind(check::time_ns("grace", before)?).execute(self.writer()).await?;
        let sql = "SELECT sha256 FROM objects WHERE doomed = 1 ORDER BY sha256";
        let doomed: Vec<String> = sqlx::query_scalar(sql).fetch_all(self.writer()).await?;
        doomed.into_iter().map(Sha256::try_from).collect()
    }

    /// Gives up objects that no recording refers to, before their grace is over; [`Self::sweep`] names them then.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn abandon_objects(&self, objects: &[Sha256]) -> Result<(), Error> {
        let mut db = self.writer().acquire().await?;
        doom(&mut db, objects).await.map(drop)
    }

    /// Forgets an object of [`Self::sweep`] whose file has been deleted.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn forget_object(&self, sha256: &Sha256) -> Result<(), Error> {
        let mut change = self.change(&Actor::system(), Role::Admin).await?;
        let sql = "DELETE FROM objects WHERE sha256 = ? AND doomed = 1";
        let gone = sqlx::query(sql).bind(sha256.as_str()).execute(change.db()).await?;
        if gone.rows_affected() == 0 {
            return Ok(());
        }
        change.commit("object.delete", sha256, json!({})).await
    }
}

/// Marks objects that no recording refers to any more, of those named.
pub(crate) async fn doom(db: &mut SqliteConnection, candidates: &[Sha256]) -> Result<Vec<Sha256>, Error> {
    let mut doomed = Vec::new();
    for sha256 in candidates {
        let sql = "UPDATE objects SET doomed = 1 WHERE sha256 = ? \
                   AND NOT EXISTS (SELECT 1 FROM recordings r WHERE r.sha256 = objects.sha256)";
        if sqlx::query(sql).bind(sha256.as_str()).execute(&mut *db).await?.rows_affected() > 0 {
            doomed.push(sha256.clone());
        }
    }
    Ok(doomed)
}

pub(crate) async fn object(db: &mut SqliteConnection, sha256: &Sha256) -> Result<Object, Error> {
    let row = sqlx::query(SELECT).bind(sha256.as_str()).fetch_optional(db).await?;
    read(&row.ok_or_else(|| Error::not_found("object", sha256))?)
}

fn read(row: &SqliteRow) -> Result<Object, Error> {
    Ok(Object {
        sha256: Sha256::try_from(row.try_get::<String, _>("sha256")?)?,
        bytes: unsigned(row.try_get("bytes")?)?,
        references: unsigned(row.try_get("uses")?)?,
    })
}

/// A count that the database keeps with a sign.
pub(crate) fn unsigned(value: i64) -> Result<u64, Error> {
    u64::try_from(value).map_err(|_| Error::damaged(format!("a negative count {value}")))
}

async fn quota(db: &mut SqliteConnection, actor: &Actor, bytes: i64) -> Result<(), Error> {
    let Some(token) = actor.token else {
        return Ok(());
    };
    let sql = "SELECT quota_bytes FROM tokens WHERE id = ?";
    let quota: Option<Option<i64>> = sqlx::query_scalar(sql).bind(token.0).fetch_optional(&mut *db).await?;
    let Some(quota_bytes) = quota.flatten() else {
        return Ok(());
    };
    let used_bytes = used_bytes(db, token).await?;
    if used_bytes.saturating_add(bytes) <= quota_bytes {
        return Ok(());
    }
    Err(Error::Quota { name: actor.name.clone(), bytes, used_bytes, quota_bytes })
}
