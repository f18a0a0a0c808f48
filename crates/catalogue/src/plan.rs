//! How a list is found: by which index, so that none reads the whole table.
//!
//! Lists go by falling id, and a page ends after its last row. Words, a receiver and what is compared for equality
//! have indices in that order: as much is read as is shown. A range (frequency, time, box) has one in its own order.
//! Where few sessions are in it, they are all found and sorted. Where many are, walking down the ids finds a page
//! soon; it goes through an index that holds all that is compared, so that even the longest walk is short.

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::listing::{Area, SessionFilter};
use crate::session::COLUMNS;
use crate::{Error, check};

/// A range with fewer sessions is fetched whole.
const FEW: i64 = 4000;

/// The index that leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    Words,
    Receiver,
    Range(usize),
    Walk,
    Id,
}

/// A condition on columns that lie in one index.
enum Range {
    Frequency(f64, f64),
    Start(i64, i64),
    Area(Area),
}

impl Range {
    /// `free` is "" where the index may be used and "+" where it may not.
    fn push(&self, query: &mut QueryBuilder<Sqlite>, free: &str) {
        match *self {
            Self::Frequency(low, high) => between(query, &format!("{free}s.center_frequency_hz"), low, high),
            Self::Start(low, high) => between(query, &format!("{free}s.start_ns"), low, high),
            Self::Area([west, south, east, north]) => {
                // The narrower side leads.
                let narrow = west <= east && (east - west) < 2.0 * (north - south);
                let (latitude, longitude) = if narrow { ("+", free) } else { (free, "+") };
                between(query, &format!("{latitude}s.source_latitude_deg"), south, north);
                if west <= east {
                    between(query, &format!("{longitude}s.source_longitude_deg"), west, east);
                } else {
                    query.push(" AND (+s.source_longitude_deg >= ").push_bind(west);
                    query.push(" OR +s.source_longitude_deg <= ").push_bind(east).push(")");
                }
            }
        }
    }
}

fn between<T>(query: &mut QueryBuilder<Sqlite>, column: &str, low: T, high: T)
where
    T: for<'q> sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite>,
{
    query.push(format!(" AND {column} BETWEEN ")).push_bind(low).push(" AND ").push_bind(high);
}

/// A filter that was checked, and how it is searched.
pub(crate) struct Plan {
    words: Option<String>,
    ranges: Vec<Range>,
    lead: Lead,
}

impl Plan {
    pub(crate) async fn make(db: &mut SqliteConnection, filter: &SessionFilter) -> Result<Self, Error> {
        let words = filter.words()?;
        let ranges = ranges(filter)?;
        let mut lead = match (&words, filter.receiver) {
            (Some(_), _) => Lead::Words,
            (None, Some(_)) => Lead::Receiver,
            (None, None) => Lead::Id,
        };
        if lead == Lead::Id && !filter.deleted && !ranges.is_empty() {
            lead = Lead::Walk;
            for (index, range) in ranges.iter().enumerate() {
                let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (SELECT 1 FROM sessions s ");
                query.push("WHERE s.deleted_ns IS NULL");
                range.push(&mut query, "");
                query.push(format!(" LIMIT {FEW})"));
                if query.build_query_scalar::<i64>().fetch_one(&mut *db).await? < FEW {
                    lead = Lead::Range(index);
                    break;
                }
            }
        }
        Ok(Self { words, ranges, lead })
    }

    /// The statement; `most` rows at most. Ids first: only the rows of the page are fetched.
    pub(crate) fn query(&self, filter: &SessionFilter, most: i64) -> QueryBuilder<Sqlite> {
        let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM ("));
        self.push_ids(&mut query, filter, most);
        query.push(") CROSS JOIN sessions s ON s.id = found ORDER BY found DESC");
        query
    }

    fn push_ids(&self, query: &mut QueryBuilder<Sqlite>, filter: &SessionFilter, most: i64) {
        // A unary plus keeps SQLite from using the index of a column.
        let (from, key, free) = match self.lead {
            Lead::Words => ("sessions_text t CROSS JOIN sessions s ON s.id = t.rowid", "t.rowid", "+"),
            Lead::Receiver => ("recordings r CROSS JOIN sessions s ON s.id = r.session_id", "r.session_id", "+"),
            Lead::Range(_) => ("sessions s", "+s.id", "+"),
            Lead::Walk => ("sessions s INDEXED BY sessions_walk", "s.id", "+"),
            Lead::Id => ("sessions s", "s.id", ""),
        };
        let deleted = if filter.deleted { "IS NOT NULL" } else { "IS NULL" };
        query.push(format!("SELECT s.id AS found FROM {from} WHERE s.deleted_ns {deleted}"));
        query.push(format!(" AND {key} < ")).push_bind(filter.after.map_or(i64::MAX, |id| id.0));
        if let Some(words) = &self.words {
            query.push(" AND sessions_text MATCH ").push_bind(words.clone());
        }
        match (filter.receiver, self.lead) {
            (Some(receiver), Lead::Receiver) => {
                query.push(" AND r.receiver_id = ").push_bind(receiver.0);
            }
            (Some(receiver), _) => {
                query.push(" AND EXISTS (SELECT 1 FROM recordings e WHERE e.session_id = s.id AND e.receiver_id = ");
                query.push_bind(receiver.0).push(")");
            }
            (None, _) => {}
        }
        if let Some(state) = filter.state {
            query.push(format!(" AND {free}s.state = ")).push_bind(state.name());
        }
        if let Some(known) = filter.source_known {
            query.push(format!(" AND {free}s.source_known = ")).push_bind(i64::from(known));
        }
        if let Some(constellation) = filter.constellation {
            query.push(format!(" AND {free}s.constellation_id = ")).push_bind(constellation.0);
        }
        for (index, range) in self.ranges.iter().enumerate() {
            range.push(query, if self.lead == Lead::Range(index) { "" } else { "+" });
        }
        if self.lead == Lead::Receiver {
            query.push(" GROUP BY r.session_id");
        }
        query.push(format!(" ORDER BY {key} DESC LIMIT ")).push_bind(most);
    }
}

fn ranges(filter: &SessionFilter) -> Result<Vec<Range>, Error> {
    let mut ranges = Vec::new();
    if filter.min_frequency_hz.is_some() || filter.max_frequency_hz.is_some() {
        let (low, high) = (filter.min_frequency_hz.unwrap_or(0.0), filter.max_frequency_hz.unwrap_or(1e12));
        check::number("min_frequency_hz", low, 0.0, 1e12, "write it in Hz")?;
        check::number("max_frequency_hz", high, 0.0, 1e12, "write it in Hz")?;
        ranges.push(Range::Frequency(low, high));
    }
    if filter.from.is_some() || filter.to.is_some() {
        let low = filter.from.map_or(Ok(i64::MIN), |time| check::time_ns("from", time))?;
        let high = filter.to.map_or(Ok(i64::MAX), |time| check::time_ns("to", time))?;
        ranges.push(Range::Start(low, high));
    }
    ranges.extend(filter.area()?.map(Range::Area));
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Actor, Catalogue, Id, NewSession, SessionDraft, SessionState, Source};

    fn filters() -> Vec<SessionFilter> {
        let all = SessionFilter::default;
        let some = |text: &str| Some(text.to_owned());
        vec![
            all(),
            SessionFilter { after: Some(Id(i64::MAX)), ..all() },
            SessionFilter { text: some("one"), ..all() },
            SessionFilter { state: Some(SessionState::Pending), ..all() },
            SessionFilter { source_known: Some(true), ..all() },
            SessionFilter { constellation: Some(Id(1)), ..all() },
            SessionFilter { receiver: Some(Id(1)), ..all() },
            SessionFilter { min_frequency_hz: Some(1.0), ..all() },
            SessionFilter { from: Some(jiff::Timestamp::UNIX_EPOCH), ..all() },
            SessionFilter { area: some("1,2,3,4"), ..all() },
            SessionFilter { area: some("3,2,1,4"), ..all() },
            SessionFilter { deleted: true, ..all() },
            SessionFilter { state: Some(SessionState::Pending), min_frequency_hz: Some(1.0), ..all() },
            SessionFilter { text: some("one"), receiver: Some(Id(1)), area: some("1,2,3,4"), ..all() },
        ]
    }

    #[tokio::test]
    async fn no_list_scans_a_table_and_none_but_small_ranges_are_sorted() {
        let folder = tempfile::tempdir().unwrap();
        let catalogue = Catalogue::open(&folder.path().join("catalogue.sqlite")).await.unwrap();
        let draft = SessionDraft {
            title: "one".into(),
            center_frequency_hz: 1e6,
            start: jiff::Timestamp::now(),
            duration_s: 1.0,
            notes: String::new(),
            constellation: None,
            source: Source::Unknown,
        };
        let mut db = catalogue.reader().acquire().await.unwrap();
        // With few sessions and with many: the ranges are searched in another way.
        for sessions in [0, FEW] {
            let new: Vec<_> = (0..sessions).map(|_| NewSession { draft: draft.clone(), recordings: vec![] }).collect();
            catalogue.create_sessions(&Actor::owner(), &new).await.unwrap();
            for filter in filters() {
                let plan = Plan::make(&mut db, &filter).await.unwrap();
                let mut explain = QueryBuilder::new("EXPLAIN QUERY PLAN ");
                plan.push_ids(&mut explain, &filter, 51);
                let explain = explain.into_string();
                let rows: Vec<(i64, i64, i64, String)> =
                    sqlx::query_as(sqlx::AssertSqlSafe(explain)).fetch_all(&mut *db).await.unwrap();
                let steps: Vec<&str> = rows.iter().map(|row| row.3.as_str()).collect();
                let scan = |step: &&str| step.starts_with("SCAN") && !step.contains("VIRTUAL TABLE INDEX");
                assert!(!steps.iter().any(scan), "{filter:?} {steps:?}");
                let sorted = steps.iter().any(|step| step.contains("TEMP B-TREE"));
                assert!(!sorted || matches!(plan.lead, Lead::Range(_)) || filter.deleted, "{filter:?} {steps:?}");
            }
        }
    }
}
