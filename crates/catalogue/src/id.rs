//! Ids: short, sortable by time, safe in URLs.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Error;

/// Crockford's base 32: no letter that looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 13;
const RANDOM_BITS: u32 = 22;
/// 2020-01-01T00:00:00Z. The 41 bits of milliseconds that follow end in 2089.
const EPOCH_MS: i64 = 1_577_836_800_000;

/// An id: 13 letters and digits that sort as what they name was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[0-7][0-9a-hjkmnp-tv-z]{12}$", example = "05rvqz8m1c4tx")]
pub struct Id(pub(crate) i64);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |place: usize| {
            let index = (self.0 >> (5 * place)) & 31;
            usize::try_from(index).ok().and_then(|index| ALPHABET.get(index)).map_or('0', |byte| char::from(*byte))
        };
        (0..LENGTH).rev().try_for_each(|place| write!(f, "{}", digit(place)))
    }
}

impl FromStr for Id {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let digit = |byte: u8| ALPHABET.iter().position(|known| *known == byte).and_then(|at| i64::try_from(at).ok());
        let value = text.bytes().try_fold(0_i64, |value, byte| value.checked_mul(32)?.checked_add(digit(byte)?));
        let value = value.filter(|_| text.len() == LENGTH);
        value.map(Self).ok_or_else(|| Error::invalid("id", "is none", "copy the 13 letters and digits of a listed one"))
    }
}

impl TryFrom<String> for Id {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.to_string()
    }
}

/// Makes ids; no two of one maker are equal, and each is greater than the one before.
#[derive(Debug)]
pub(crate) struct Ids(AtomicI64);

impl Ids {
    pub(crate) const fn new() -> Self {
        Self(AtomicI64::new(0))
    }

    pub(crate) fn next(&self) -> Result<Id, Error> {
        let mut random = [0_u8; 4];
        getrandom::fill(&mut random).map_err(Error::Random)?;
        let random = i64::from(u32::from_le_bytes(random) >> (32 - RANDOM_BITS));
        let since_epoch_ms = (jiff::Timestamp::now().as_millisecond() - EPOCH_MS).clamp(0, (1 << 41) - 1);
        let wanted = (since_epoch_ms << RANDOM_BITS) | random;
        let after = |last: i64| wanted.max(last.saturating_add(1));
        let last = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(after(last)));
        let last = last.unwrap_or_else(|last| last);
        Ok(Id(after(last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_as_text_and_come_back_from_it() {
        let ids = Ids::new();
        let texts: Vec<String> = (0..2000).map(|_| ids.next().unwrap().to_string()).collect();
        assert!(texts.windows(2).all(|pair| pair[0] < pair[1]));
        for text in &texts {
            assert_eq!(text.len(), LENGTH);
            assert_eq!(text.parse::<Id>().unwrap().to_string(), *text);
        }
        assert_eq!(Id(i64::MAX).to_string().parse::<Id>().unwrap(), Id(i64::MAX));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", "1", "zzzzzzzzzzzzz", "05rvqz8m1c4tx0", "05rvqz8m1c4tu", "05RVQZ8M1C4TX", "é5rvqz8m1c4t"] {
            assert!(text.parse::<Id>().is_err(), "{text}");
        }
    }
}
