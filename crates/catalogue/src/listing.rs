//! Lists of sessions, newest first, in pages.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::page::{Page, limit};
use crate::plan::Plan;
use crate::{Catalogue, Error, Id, Session, SessionState, check};

/// Longest text that is searched for, characters.
const MAX_TEXT: usize = 200;

/// Which sessions; all that is given must fit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct SessionFilter {
    /// Words of title, notes and names of receivers; the last may be unfinished.
    #[param(max_length = 200)]
    pub text: Option<String>,
    /// What was decided.
    pub state: Option<SessionState>,
    /// Whether the source is known.
    pub source_known: Option<bool>,
    /// Recorded with this constellation.
    pub constellation: Option<Id>,
    /// With a recording by this receiver.
    pub receiver: Option<Id>,
    /// Least centre frequency, Hz.
    pub min_frequency_hz: Option<f64>,
    /// Greatest centre frequency, Hz.
    pub max_frequency_hz: Option<f64>,
    /// Begun at this time or later.
    #[param(value_type = Option<String>, format = DateTime)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Begun at this time or earlier.
    #[param(value_type = Option<String>, format = DateTime)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
    /// Source within this box, degrees: `west,south,east,north`; west may exceed east, over the date line.
    #[serde(rename = "box")]
    pub area: Option<String>,
    /// The deleted ones instead of the others.
    pub deleted: bool,
    /// Those after this one: the page's `next`.
    pub after: Option<Id>,
    /// How many at most, 1 to 200; 50 where it is not said.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// Degrees: west, south, east, north.
pub(crate) type Area = [f64; 4];

impl SessionFilter {
    /// The checked box.
    pub(crate) fn area(&self) -> Result<Option<Area>, Error> {
        let Some(text) = &self.area else {
            return Ok(None);
        };
        let advice = "write west,south,east,north in degrees";
        let numbers: Result<Vec<f64>, _> = text.split(',').map(|number| number.trim().parse::<f64>()).collect();
        let area: Option<Area> = numbers.ok().and_then(|numbers| numbers.try_into().ok());
        let Some([west, south, east, north]) = area else {
            return Err(Error::invalid("box", "is not four numbers", advice));
        };
        for longitude_deg in [west, east] {
            check::number("box", longitude_deg, -180.0, 180.0, advice)?;
        }
        check::number("box", south, -90.0, 90.0, advice)?;
        check::number("box", north, south, 90.0, advice)?;
        Ok(Some([west, south, east, north]))
    }

    /// The checked words.
    pub(crate) fn words(&self) -> Result<Option<String>, Error> {
        let Some(text) = &self.text else {
            return Ok(None);
        };
        if text.chars().count() > MAX_TEXT {
            return Err(Error::invalid("text", "has more than 200 characters", "search for fewer words"));
        }
        Ok(crate::text::query(text))
    }
}

impl Catalogue {
    /// Sessions that fit, newest first.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub async fn sessions(&self, filter: &SessionFilter) -> Result<Page<Session>, Error> {
        let most = limit(filter.limit)?;
        let mut db = self.reader().acquire().await?;
        let plan = Plan::make(&mut db, filter).await?;
        let rows = plan.query(filter, most + 1).build().fetch_all(&mut *db).await?;
        let sessions = rows.iter().map(Session::read).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::of(sessions, most, |session| session.id))
    }
}
