//! Times for people and for JSON.

/// RFC 3339 in UTC with nanoseconds, of nanoseconds since 1970.
pub(crate) fn rfc3339(unix_ns: i64) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(unix_ns))
        .map_or_else(|_| format!("{unix_ns} ns"), |time| format!("{time:.9}"))
}
