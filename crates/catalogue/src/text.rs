//! Words of sessions, for the full-text search (SQLite's FTS5).

use sqlx::SqliteConnection;

use crate::{Error, Id};

/// Puts a session's title, notes and receivers' names in place of its old words.
pub(crate) async fn index(db: &mut SqliteConnection, session: Id) -> Result<(), Error> {
    sqlx::query("DELETE FROM sessions_text WHERE rowid = ?").bind(session.0).execute(&mut *db).await?;
    let sql = "INSERT INTO sessions_text (rowid, title, notes, receivers) \
               SELECT s.id, s.title, s.notes, COALESCE((SELECT GROUP_CONCAT(v.name, ' ') FROM recordings r \
               JOIN receivers v ON v.id = r.receiver_id WHERE r.session_id = s.id), '') \
               FROM sessions s WHERE s.id = ?";
    sqlx::query(sql).bind(session.0).execute(db).await?;
    Ok(())
}

/// The same for all sessions with a recording by this receiver.
pub(crate) async fn index_receiver(db: &mut SqliteConnection, receiver: Id) -> Result<(), Error> {
    let sql = "SELECT DISTINCT session_id FROM recordings WHERE receiver_id = ?";
    let sessions: Vec<i64> = sqlx::query_scalar(sql).bind(receiver.0).fetch_all(&mut *db).await?;
    for session in sessions {
        index(db, Id(session)).await?;
    }
    Ok(())
}

/// What a user typed as a query of FTS5: all words, the last one possibly unfinished. None where there is no word.
pub(crate) fn query(typed: &str) -> Option<String> {
    let words: Vec<String> =
        typed.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(|w| format!("\"{w}\"")).collect();
    (!words.is_empty()).then(|| format!("{}*", words.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_users_type_never_is_an_operator() {
        assert_eq!(query("dcf77 mainfl").as_deref(), Some("\"dcf77\" \"mainfl\"*"));
        assert_eq!(query("\"a\" OR NOT b-c*").as_deref(), Some("\"a\" \"OR\" \"NOT\" \"b\" \"c\"*"));
        assert_eq!(query(" -*\" "), None);
    }
}
