//! Checks of input, made once where it enters.

use jiff::Timestamp;

use crate::Error;

/// Longest name and title, characters.
pub(crate) const MAX_NAME: usize = 200;
/// Longest notes and reasons, characters.
pub(crate) const MAX_NOTES: usize = 20_000;

/// A name: one line, not empty.
pub(crate) fn name(field: &'static str, text: &str) -> Result<(), Error> {
    if text.trim().is_empty() {
        return Err(Error::invalid(field, "is empty", "write at least one letter"));
    }
    if text.chars().count() > MAX_NAME {
        return Err(Error::invalid(field, format!("has more than {MAX_NAME} characters"), "shorten it"));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(field, "holds a control character", "write it in one line"));
    }
    Ok(())
}

/// Text of several lines, possibly empty.
pub(crate) fn notes(field: &'static str, text: &str) -> Result<(), Error> {
    if text.chars().count() > MAX_NOTES {
        return Err(Error::invalid(field, format!("has more than {MAX_NOTES} characters"), "shorten it"));
    }
    if text.contains('\0') {
        return Err(Error::invalid(field, "holds a zero character", "remove it"));
    }
    Ok(())
}

/// A finite number from `low` to `high`.
pub(crate) fn number(field: &'static str, value: f64, low: f64, high: f64, advice: &'static str) -> Result<(), Error> {
    if value.is_finite() && (low..=high).contains(&value) {
        return Ok(());
    }
    Err(Error::invalid(field, format!("is {value}, outside {low} to {high}"), advice))
}

/// A frequency up to 1 THz.
pub(crate) fn frequency(field: &'static str, value_hz: f64) -> Result<(), Error> {
    number(field, value_hz, 1.0, 1e12, "write it in Hz")
}

/// Nanoseconds since 1970, as the database keeps a time.
pub(crate) fn time_ns(field: &'static str, time: Timestamp) -> Result<i64, Error> {
    i64::try_from(time.as_nanosecond())
        .map_err(|_| Error::invalid(field, "is out of range", "write a time between 1678 and 2261"))
}

/// The time that the database keeps as nanoseconds.
pub(crate) fn time_of(unix_ns: i64) -> Result<Timestamp, Error> {
    Timestamp::from_nanosecond(i128::from(unix_ns)).map_err(|error| Error::damaged(error.to_string()))
}

/// Now, as the database keeps it.
pub(crate) fn now_ns() -> Result<i64, Error> {
    time_ns("now", Timestamp::now())
}
