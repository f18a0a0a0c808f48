//! The audit log: who did what, when. Lines are only ever added.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use utoipa::ToSchema;

use crate::page::{Page, limit};
use crate::{Actor, Catalogue, Error, Id, Role, check};

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditLine {
    /// Its id.
    pub id: Id,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The token; none for the token that the server made at its start.
    pub token: Option<Id>,
    /// The token's name at that time.
    pub token_name: String,
    /// What was done: `session.create`, `token.revoke`, …
    pub action: String,
    /// The id of what it was done to.
    pub subject: String,
    /// What changed, as far as the action says it.
    #[schema(value_type = Object)]
    pub detail: Value,
}

impl Catalogue {
    /// Lines of the audit log, newest first, of one subject where it is given; for admins.
    ///
    /// # Errors
    /// [`Error::Role`].
    pub async fn audit(
        &self,
        actor: &Actor,
        subject: Option<&str>,
        after: Option<Id>,
        most: Option<u32>,
    ) -> Result<Page<AuditLine>, Error> {
        actor.need(Role::Admin)?;
        let most = limit(most)?;
        let before = after.map_or(i64::MAX, |id| id.0);
        let rows = match subject {
            Some(subject) => {
                let sql = "SELECT * FROM audit WHERE subject = ? AND id < ? ORDER BY id DESC LIMIT ?";
                sqlx::query(sql).bind(subject).bind(before).bind(most + 1).fetch_all(self.reader()).await?
            }
            None => {
                let sql = "SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?";
                sqlx::query(sql).bind(before).bind(most + 1).fetch_all(self.reader()).await?
            }
        };
        let lines = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::of(lines, most, |line| line.id))
    }
}

fn read(row: &SqliteRow) -> Result<AuditLine, Error> {
    let detail: String = row.try_get("detail")?;
    Ok(AuditLine {
        id: Id(row.try_get("id")?),
        at: check::time_of(row.try_get("at_ns")?)?,
        token: row.try_get::<Option<i64>, _>("token_id")?.map(Id),
        token_name: row.try_get("token_name")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
        detail: serde_json::from_str(&detail).map_err(|error| Error::damaged(error.to_string()))?,
    })
}

pub(crate) async fn write(
    db: &mut SqliteConnection,
    id: Id,
    actor: &Actor,
    action: &str,
    subject: &str,
    detail: &Value,
) -> Result<(), Error> {
    let sql = "INSERT INTO audit (id, at_ns, token_id, token_name, action, subject, detail) \
               VALUES (?, ?, ?, ?, ?, ?, ?)";
    let query = sqlx::query(sql).bind(id.0).bind(check::now_ns()?).bind(actor.token.map(|token| token.0));
    query.bind(&actor.name).bind(action).bind(subject).bind(detail.to_string()).execute(db).await?;
    Ok(())
}
