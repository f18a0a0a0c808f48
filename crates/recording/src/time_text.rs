//! Times as text and as calendar fields, to nanoseconds since 1970.

use jiff::{Timestamp, civil, tz::TimeZone};

/// Reads an RFC 3339 time with any number of fractional digits (rounded to nanoseconds);
/// without an offset it is UTC, as SigMF requires.
pub(crate) fn rfc3339_ns(text: &str) -> Option<i64> {
    let text = text.trim();
    let Some((whole, rest)) = text.split_once('.') else {
        return seconds(text);
    };
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let offset = rest.get(digits.len()..)?;
    if digits.is_empty() {
        return None;
    }
    let mut fraction_ns = 0_i64;
    for place in 0..9 {
        let digit = digits.as_bytes().get(place).map_or(0, |digit| i64::from(digit - b'0'));
        fraction_ns = fraction_ns * 10 + digit;
    }
    if digits.as_bytes().get(9).is_some_and(|digit| *digit >= b'5') {
        fraction_ns += 1;
    }
    seconds(&format!("{whole}{offset}"))?.checked_add(fraction_ns)
}

/// Digits of the fraction of a second that a time is written with.
pub(crate) fn fraction_digits(text: &str) -> usize {
    let fraction = text.split_once('.').map_or("", |(_, rest)| rest);
    fraction.chars().take_while(char::is_ascii_digit).count()
}

fn seconds(text: &str) -> Option<i64> {
    let time = text.parse::<Timestamp>().ok().or_else(|| {
        let civil = text.parse::<civil::DateTime>().ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()
    })?;
    i64::try_from(time.as_nanosecond()).ok()
}

/// A date and a time of day in UTC; `None` where there is no such date.
pub(crate) fn utc_ns(date: [i64; 3], time: [i64; 3], nanosecond: i64) -> Option<i64> {
    let [year, month, day] = date;
    let [hour, minute, second] = time;
    let civil = civil::DateTime::new(
        year.try_into().ok()?,
        month.try_into().ok()?,
        day.try_into().ok()?,
        hour.try_into().ok()?,
        minute.try_into().ok()?,
        second.try_into().ok()?,
        nanosecond.try_into().ok()?,
    );
    let time = TimeZone::UTC.to_timestamp(civil.ok()?).ok()?;
    i64::try_from(time.as_nanosecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fractional_digit_counts() {
        let cases = [
            ("1970-01-01T00:00:01Z", Some(1_000_000_000)),
            ("1970-01-01T00:00:00.5Z", Some(500_000_000)),
            ("1970-01-01T00:00:00.123456789Z", Some(123_456_789)),
            ("1970-01-01T00:00:00.1234567896Z", Some(123_456_790)),
            ("1970-01-01T00:00:00.999999999999Z", Some(1_000_000_000)),
            ("1970-01-01T02:00:00.25+02:00", Some(250_000_000)),
            ("1969-12-31T23:59:59.75Z", Some(-250_000_000)),
            ("1970-01-01T00:00:00.5", Some(500_000_000)),
            ("1970-01-01T00:00:00.Z", None),
            ("yesterday", None),
            ("9999-01-01T00:00:00Z", None),
        ];
        for (text, expected) in cases {
            assert_eq!(rfc3339_ns(text), expected, "{text}");
        }
    }
}
