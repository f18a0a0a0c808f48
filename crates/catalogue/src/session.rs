//! What a session is: a scene of one emission at several receivers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use utoipa::ToSchema;

use crate::object::unsigned;
use crate::{Error, Id, Place, Surveyed, check};

/// Longest session, seconds: a week.
const MAX_DURATION_S: f64 = 604_800.0;

/// Where the emission came from, as who labels the session says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// Nobody knows.
    #[default]
    Unknown,
    /// A transmitter of the catalogue.
    Transmitter {
        /// Its id.
        transmitter: Id,
    },
    /// A place on the map.
    Position(Surveyed),
}

/// What is said of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionDraft {
    /// A title, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// Centre frequency in Hz.
    #[schema(minimum = 1, maximum = 1_000_000_000_000.0)]
    pub center_frequency_hz: f64,
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// How long it lasts, seconds, up to a week.
    #[schema(minimum = 0, maximum = 604_800)]
    pub duration_s: f64,
    /// Anything else, up to 20 000 characters.
    #[serde(default)]
    #[schema(max_length = 20_000)]
    pub notes: String,
    /// The constellation that it was recorded with.
    #[serde(default)]
    pub constellation: Option<Id>,
    /// Where the emission came from.
    #[serde(default)]
    pub source: Source,
}

impl SessionDraft {
    pub(crate) fn check(&self) -> Result<(), Error> {
        check::name("title", &self.title)?;
        check::frequency("center_frequency_hz", self.center_frequency_hz)?;
        check::time_ns("start", self.start)?;
        check::number("duration_s", self.duration_s, 0.0, MAX_DURATION_S, "write seconds, up to a week")?;
        check::notes("notes", &self.notes)?;
        match &self.source {
            Source::Position(position) => position.check(),
            Source::Unknown | Source::Transmitter { .. } => Ok(()),
        }
    }
}

/// Whether a session may be learnt from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Nobody has decided.
    Pending,
    /// It may be learnt from.
    Approved,
    /// It may not.
    Rejected,
}

impl SessionState {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    fn read(name: &str) -> Result<Self, Error> {
        let all = [Self::Pending, Self::Approved, Self::Rejected];
        all.into_iter().find(|state| state.name() == name).ok_or_else(|| Error::damaged(format!("a state \"{name}\"")))
    }
}

/// Who decided on a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    /// Name of the token.
    pub by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Why it was rejected.
    pub reason: Option<String>,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Its id.
    pub id: Id,
    /// What is said of it.
    #[serde(flatten)]
    pub draft: SessionDraft,
    /// Where the source is, where it is known.
    pub position: Option<Surveyed>,
    /// Whether it may be learnt from.
    pub state: SessionState,
    /// Who decided, unless it is pending.
    pub decision: Option<Decision>,
    /// The token that made it; none for the token that the server made at its start.
    pub owner: Option<Id>,
    /// The name of that token.
    pub created_by: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    pub changed: Timestamp,
    /// Rises with every change.
    pub revision: i64,
    /// When it was deleted; it can be taken back until it is purged.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deleted: Option<Timestamp>,
    /// How many recordings it has.
    pub recordings: u64,
    /// Bytes of its recordings.
    pub bytes: u64,
}

/// The columns that [`Session::read`] needs, of the table `s`.
pub(crate) const COLUMNS: &str = "s.*, \
    (SELECT COUNT(*) FROM recordings c WHERE c.session_id = s.id) AS recording_count, \
    (SELECT COALESCE(SUM(o.bytes), 0) FROM recordings c JOIN objects o ON o.sha256 = c.sha256 \
     WHERE c.session_id = s.id) AS recording_bytes";

impl Session {
    pub(crate) fn read(row: &SqliteRow) -> Result<Self, Error> {
        let time = |column| check::time_of(row.try_get(column)?);
        let maybe_time = |column| row.try_get::<Option<i64>, _>(column)?.map(check::time_of).transpose();
        let id = |column| Ok::<_, Error>(row.try_get::<Option<i64>, _>(column)?.map(Id));
        let position = read_position(row)?;
        let source = match (id("transmitter_id")?, position) {
            (Some(transmitter), _) => Source::Transmitter { transmitter },
            (None, Some(position)) => Source::Position(position),
            (None, None) => Source::Unknown,
        };
        let decision = match (row.try_get::<Option<String>, _>("decided_by")?, maybe_time("decided_ns")?) {
            (Some(by), Some(at)) => Some(Decision { by, at, reason: row.try_get("reason")? }),
            _ => None,
        };
        Ok(Self {
            id: Id(row.try_get("id")?),
            draft: SessionDraft {
                title: row.try_get("title")?,
                center_frequency_hz: row.try_get("center_frequency_hz")?,
                start: time("start_ns")?,
                duration_s: row.try_get("duration_s")?,
                notes: row.try_get("notes")?,
                constellation: id("constellation_id")?,
                source,
            },
            position,
            state: SessionState::read(row.try_get("state")?)?,
            decision,
            owner: id("owner_id")?,
            created_by: row.try_get("created_by")?,
            created: time("created_ns")?,
            changed: time("changed_ns")?,
            revision: row.try_get("revision")?,
            deleted: maybe_time("deleted_ns")?,
            recordings: unsigned(row.try_get("recording_count")?)?,
            bytes: unsigned(row.try_get("recording_bytes")?)?,
        })
    }
}

fn read_position(row: &SqliteRow) -> Result<Option<Surveyed>, Error> {
    let latitude_deg: Option<f64> = row.try_get("source_latitude_deg")?;
    let longitude_deg: Option<f64> = row.try_get("source_longitude_deg")?;
    let error_m: Option<f64> = row.try_get("source_error_m")?;
    let (Some(latitude_deg), Some(longitude_deg), Some(error_m)) = (latitude_deg, longitude_deg, error_m) else {
        return Ok(None);
    };
    let altitude_m = row.try_get("source_altitude_m")?;
    Ok(Some(Surveyed { place: Place { latitude_deg, longitude_deg, altitude_m }, error_m }))
}
