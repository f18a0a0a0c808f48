//! Lists in pages.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Error, Id};

/// Entries of a page where the caller does not say.
const DEFAULT: u32 = 50;
/// Most entries of a page.
const MOST: u32 = 200;

/// A part of a list, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Ask for the entries after this one; none where the list ends here.
    pub next: Option<Id>,
}

impl<T> Page<T> {
    /// From up to `most` + 1 entries, the last of which only says that there are more.
    pub(crate) fn of(mut items: Vec<T>, most: i64, id: impl Fn(&T) -> Id) -> Self {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let more = items.len() > most;
        items.truncate(most);
        let next = items.last().map(id).filter(|_| more);
        Self { items, next }
    }
}

/// The checked size of a page.
pub(crate) fn limit(wanted: Option<u32>) -> Result<i64, Error> {
    let wanted = wanted.unwrap_or(DEFAULT);
    if (1..=MOST).contains(&wanted) {
        return Ok(i64::from(wanted));
    }
    Err(Error::invalid("limit", format!("is {wanted}"), "write 1 to 200"))
}
