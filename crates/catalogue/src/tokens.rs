//! Tokens: names, roles and quotas. Of the secret only its SHA-256 is kept.

use std::fmt::Write;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Digest;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use utoipa::ToSchema;

use crate::actor::{OWNER, SYSTEM};
use crate::error::constraint;
use crate::object::unsigned;
use crate::{Actor, Catalogue, Error, Id, Role, check};

/// The last use is noted at most this often, so that reading does not write.
const USE_NOTED_EVERY_NS: i64 = 60_000_000_000;

/// What an admin says of a new token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenDraft {
    /// Whose it is, 1 to 200 characters; unique.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Bytes that it may store; without a limit where none.
    #[serde(default)]
    pub quota_bytes: Option<u64>,
}

/// A token without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Its id.
    pub id: Id,
    /// What an admin said of it.
    #[serde(flatten)]
    pub draft: TokenDraft,
    /// Bytes of the objects that it stored first and that are still there.
    pub used_bytes: u64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// Since when it is not valid any more.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked: Option<Timestamp>,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub used: Option<Timestamp>,
}

const SELECT: &str = "SELECT t.*, (SELECT COALESCE(SUM(bytes), 0) FROM objects o WHERE o.owner_id = t.id) AS stored \
                      FROM tokens t";

impl Catalogue {
    /// Makes a token and its secret, which is told here and never again.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::Invalid`], and [`Error::Taken`] where the name is in use.
    pub async fn create_token(&self, actor: &Actor, draft: &TokenDraft) -> Result<(Token, String), Error> {
        check::name("name", &draft.name)?;
        let too_large = |_| Error::invalid("quota_bytes", "is too large", "leave it out for no limit");
        let quota_bytes = draft.quota_bytes.map(i64::try_from).transpose().map_err(too_large)?;
        let taken = || Error::Taken { kind: "token", name: draft.name.clone() };
        if [OWNER, SYSTEM].contains(&draft.name.as_str()) {
            return Err(taken());
        }
        let mut change = self.change(actor, Role::Admin).await?;
        let (id, secret) = (change.next_id()?, new_secret()?);
        let sql =
            "INSERT INTO tokens (id, name, role, secret_sha256, quota_bytes, created_ns) VALUES (?, ?, ?, ?, ?, ?)";
        let query = sqlx::query(sql).bind(id.0).bind(&draft.name).bind(draft.role.name()).bind(hash(&secret));
        let done = query.bind(quota_bytes).bind(check::now_ns()?).execute(change.db()).await;
        done.map_err(|error| constraint(error, taken, taken))?;
        let token = token(change.db(), id).await?;
        change.commit("token.create", id, json!({ "name": draft.name, "role": draft.role })).await?;
        Ok((token, secret))
    }

    /// All tokens, newest first, the revoked ones as well; for admins.
    ///
    /// # Errors
    /// [`Error::Role`].
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<Token>, Error> {
        actor.need(Role::Admin)?;
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} ORDER BY t.id DESC"));
        sqlx::query(sql).fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// Ends a token; once more does nothing.
    ///
    /// # Errors
    /// [`Error::Role`] and [`Error::NotFound`].
    pub async fn revoke_token(&self, actor: &Actor, id: Id) -> Result<Token, Error> {
        let mut change = self.change(actor, Role::Admin).await?;
        let sql = "UPDATE tokens SET revoked_ns = COALESCE(revoked_ns, ?) WHERE id = ?";
        sqlx::query(sql).bind(check::now_ns()?).bind(id.0).execute(change.db()).await?;
        let token = token(change.db(), id).await?;
        change.commit("token.revoke", id, json!({})).await?;
        Ok(token)
    }

    /// Who has this secret; nobody where it is unknown or revoked.
    ///
    /// # Errors
    /// Where the database does not work.
    pub async fn authenticate(&self, secret: &str) -> Result<Option<Actor>, Error> {
        // Looked up by its hash: how long that takes says nothing about the secret.
        let sql = "SELECT id, name, role, used_ns FROM tokens WHERE secret_sha256 = ? AND revoked_ns IS NULL";
        let Some(row) = sqlx::query(sql).bind(hash(secret)).fetch_optional(self.reader()).await? else {
            return Ok(None);
        };
        let id = Id(row.try_get("id")?);
        let now = check::now_ns()?;
        if row.try_get::<Option<i64>, _>("used_ns")?.is_none_or(|used| now - used > USE_NOTED_EVERY_NS) {
            let sql = "UPDATE tokens SET used_ns = ? WHERE id = ?";
            sqlx::query(sql).bind(now).bind(id.0).execute(self.writer()).await?;
        }
        let role = Role::read(row.try_get("role")?)?;
        Ok(Some(Actor { token: Some(id), name: row.try_get("name")?, role }))
    }
}

/// Bytes that count against a token's quota.
pub(crate) async fn used_bytes(db: &mut SqliteConnection, token: Id) -> Result<i64, Error> {
    let sql = "SELECT COALESCE(SUM(bytes), 0) FROM objects WHERE owner_id = ?";
    Ok(sqlx::query_scalar(sql).bind(token.0).fetch_one(db).await?)
}

async fn token(db: &mut SqliteConnection, id: Id) -> Result<Token, Error> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE t.id = ?"));
    let row = sqlx::query(sql).bind(id.0).fetch_optional(db).await?;
    read(&row.ok_or_else(|| Error::not_found("token", id))?)
}

fn read(row: &SqliteRow) -> Result<Token, Error> {
    let time = |column| row.try_get::<Option<i64>, _>(column)?.map(check::time_of).transpose();
    Ok(Token {
        id: Id(row.try_get("id")?),
        draft: TokenDraft {
            name: row.try_get("name")?,
            role: Role::read(row.try_get("role")?)?,
            quota_bytes: row.try_get::<Option<i64>, _>("quota_bytes")?.map(unsigned).transpose()?,
        },
        used_bytes: unsigned(row.try_get("stored")?)?,
        created: check::time_of(row.try_get("created_ns")?)?,
        revoked: time("revoked_ns")?,
        used: time("used_ns")?,
    })
}

/// 256 random bits.
fn new_secret() -> Result<String, Error> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(Error::Random)?;
    Ok(hexadecimal(&random))
}

fn hash(secret: &str) -> String {
    hexadecimal(&sha2::Sha256::digest(secret.as_bytes()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
