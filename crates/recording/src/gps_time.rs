//! GPS weeks to UTC.

/// 1980-01-06T00:00:00Z, the start of GPS week 0, seconds since 1970 (IS-GPS-200, 3.3.4).
const GPS_EPOCH_UNIX_S: i64 = 315_964_800;
/// Seconds in a week.
pub(crate) const WEEK_S: i64 = 604_800;
/// Nanoseconds in a second.
pub(crate) const NS_PER_S: i64 = 1_000_000_000;

/// GPS − UTC from each date (unix seconds) on, seconds. IERS Bulletin C; the latest leap second
/// was inserted at the end of 2016, and none is announced.
const LEAP_SECONDS: &[(i64, i64)] = &[
    (362_793_600, 1),    // 1981-07-01
    (394_329_600, 2),    // 1982-07-01
    (425_865_600, 3),    // 1983-07-01
    (489_024_000, 4),    // 1985-07-01
    (567_993_600, 5),    // 1988-01-01
    (631_152_000, 6),    // 1990-01-01
    (662_688_000, 7),    // 1991-01-01
    (709_948_800, 8),    // 1992-07-01
    (741_484_800, 9),    // 1993-07-01
    (773_020_800, 10),   // 1994-07-01
    (820_454_400, 11),   // 1996-01-01
    (867_715_200, 12),   // 1997-07-01
    (915_148_800, 13),   // 1999-01-01
    (1_136_073_600, 14), // 2006-01-01
    (1_230_768_000, 15), // 2009-01-01
    (1_341_100_800, 16), // 2012-07-01
    (1_435_708_800, 17), // 2015-07-01
    (1_483_228_800, 18), // 2017-01-01
];

/// GPS − UTC at a time, seconds.
pub(crate) fn leap_seconds(unix_s: i64) -> i64 {
    LEAP_SECONDS.iter().rev().find(|(from, _)| *from <= unix_s).map_or(0, |(_, leap)| *leap)
}

/// UTC of a time of GPS week, in the week that puts it nearest to `near_unix_ns`; nanoseconds
/// since 1970. A file name's date is enough, also within a day of the week's end.
pub(crate) fn utc_of_week_time(time_of_week_ns: i64, near_unix_ns: i64) -> Option<i64> {
    let near_s = near_unix_ns.div_euclid(NS_PER_S);
    let leap_s = leap_seconds(near_s);
    let near_gps_s = near_s.checked_add(leap_s)?.checked_sub(GPS_EPOCH_UNIX_S)?;
    let behind_s = near_gps_s.checked_sub(time_of_week_ns.div_euclid(NS_PER_S))?;
    let week = behind_s.checked_add(WEEK_S / 2)?.div_euclid(WEEK_S);
    let start_s = week.checked_mul(WEEK_S)?.checked_add(GPS_EPOCH_UNIX_S)?.checked_sub(leap_s)?;
    start_s.checked_mul(NS_PER_S)?.checked_add(time_of_week_ns)
}

/// UTC of a time of GPS week where no date is known: as if in week 0, with today's leap seconds,
/// so that recordings of one week keep their time differences.
pub(crate) fn utc_of_unknown_week(time_of_week_ns: i64) -> Option<i64> {
    let leap_s = leap_seconds(i64::MAX);
    (GPS_EPOCH_UNIX_S - leap_s).checked_mul(NS_PER_S)?.checked_add(time_of_week_ns.rem_euclid(WEEK_S * NS_PER_S))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leap_seconds_step_on_their_dates() {
        // IERS: 2016-12-31T23:59:59Z still 17 s, a second (and the leap second) later 18 s.
        assert_eq!(leap_seconds(1_483_228_799), 17);
        assert_eq!(leap_seconds(1_483_228_800), 18);
        assert_eq!(leap_seconds(GPS_EPOCH_UNIX_S), 0);
    }

    #[test]
    fn the_week_is_the_one_nearest_to_the_date() {
        // 2020-08-16 is a Sunday: GPS week 2119 starts at 00:00:00 GPS, 18 s earlier in UTC.
        let sunday_s = 1_597_536_000_i64;
        let late_saturday = sunday_s - 30;
        let early = utc_of_week_time(5 * NS_PER_S, late_saturday * NS_PER_S);
        assert_eq!(early, Some((sunday_s - 18 + 5) * NS_PER_S));
        let end = utc_of_week_time((WEEK_S - 1) * NS_PER_S, (sunday_s + 60) * NS_PER_S);
        assert_eq!(end, Some((sunday_s - 18 - 1) * NS_PER_S));
    }
}
