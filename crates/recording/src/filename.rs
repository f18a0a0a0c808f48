//! Facts that receivers' programs write into file names. One table of patterns.

use crate::time_text::utc_ns;
use crate::{NamedCoding, SampleCoding};

/// What a file name says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NameFacts {
    pub(crate) sample_rate_hz: Option<f64>,
    pub(crate) center_frequency_hz: Option<f64>,
    pub(crate) start_time_unix_ns: Option<i64>,
    /// From a pattern, otherwise the name without its extension.
    pub(crate) station: String,
    /// From the extension, or from the program that writes such names.
    pub(crate) coding: Option<NamedCoding>,
    /// The name says that Q comes first.
    pub(crate) iq_swapped: bool,
}

/// A program's way of naming files.
struct Pattern {
    /// Literal text (any case) and fields in braces, see [`Field`].
    text: &'static str,
    /// The coding that the program writes, where the extension does not say.
    coding: Option<SampleCoding>,
}

const fn pattern(text: &'static str) -> Pattern {
    Pattern { text, coding: None }
}

/// The first pattern that fits counts. Ends with the loosest.
const PATTERNS: &[Pattern] = &[
    // KiwiSDR recorder (kiwirecorder.py, TDoA extension).
    pattern("{ymd}T{hms}Z_{hz}_{station}_iq"),
    pattern("{ymd}T{hms}Z_{hz}_{station}_{any}"),
    pattern("{ymd}T{hms}Z_{hz}_{station}"),
    // gqrx: 32-bit floats, extension .raw.
    Pattern { text: "gqrx_{ymd}_{hms}_{hz}_{sps}_fc", coding: Some(SampleCoding::F32) },
    // SatDump.
    pattern("{y-m-d}_{h-m-s}_{sps}SPS_{hz}Hz"),
    pattern("{y-m-d}_{h-m-s}-{any}_{sps}SPS_{hz}Hz"),
    // SDR Console.
    pattern("{d-mon-y} {hms} {freq}"),
    pattern("{d-mon-y} {hms} {freq}{any}"),
    // SDR#, HDSDR, SDRuno.
    pattern("{any}_{ymd}_{hms}Z_{freq}_{any}"),
    pattern("{any}_{ymd}_{hms}Z_{freq}"),
    // SDR++.
    pattern("baseband_{freq}_{h-m-s}_{d-m-y}"),
    // rtl_433, and the habit of many: centre frequency, then sample rate.
    pattern("{any}_{si}_{si_sps}"),
    pattern("{any}_{si}_{si_sps}_{any}"),
    // Only a frequency, with its unit.
    pattern("{any}_{freq}_{any}"),
    pattern("{any}_{freq}"),
    pattern("{freq}_{any}"),
    pattern("{freq}"),
];

/// Longest name that is matched, characters.
const MAX_NAME: usize = 200;

/// Reads all facts of a file name; folders before it are ignored.
pub(crate) fn facts(name: &str) -> NameFacts {
    let base = base_name(name);
    let (stem, extension) = split_extension(base);
    let lower = stem.to_ascii_lowercase();
    let mut facts = NameFacts {
        station: stem.to_owned(),
        coding: NamedCoding::parse(extension),
        iq_swapped: lower.contains("q-before-i"),
        ..NameFacts::default()
    };
    if stem.len() > MAX_NAME || !stem.is_ascii() {
        return facts;
    }
    for pattern in PATTERNS {
        let mut found = Found::default();
        if matches(pattern.text, stem, &mut found) {
            found.tell(&mut facts);
            if let Some(coding) = pattern.coding {
                facts.coding = Some(NamedCoding { coding, complex: true });
            }
            break;
        }
    }
    facts
}

/// The part after the last `/` or `\`.
pub(crate) fn base_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// Stem and extension. A dot inside a number ("433.92M") starts no extension.
pub(crate) fn split_extension(base: &str) -> (&str, &str) {
    match base.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && is_extension(extension) => (stem, extension),
        _ => (base, ""),
    }
}

fn is_extension(text: &str) -> bool {
    !text.contains([' ', '_']) || NamedCoding::parse(text).is_some()
}

/// Values of the fields of a pattern while it is matched.
#[derive(Clone, Default)]
struct Found {
    date: Option<[i64; 3]>,
    time: Option<[i64; 3]>,
    nanosecond: i64,
    hz: Option<f64>,
    sps: Option<f64>,
    station: Option<String>,
}

impl Found {
    fn tell(self, facts: &mut NameFacts) {
        facts.sample_rate_hz = self.sps;
        facts.center_frequency_hz = self.hz;
        if let (Some(date), Some(time)) = (self.date, self.time) {
            facts.start_time_unix_ns = utc_ns(date, time, self.nanosecond);
        }
        if let Some(station) = self.station {
            facts.station = station;
        }
    }
}

/// Matches all of `text`; fields take as much as they can and give back where the rest needs it.
fn matches(pattern: &str, text: &str, found: &mut Found) -> bool {
    let Some(first) = pattern.chars().next() else {
        return text.is_empty();
    };
    let field = pattern.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    let Some((field, rest)) = field else {
        let mut chars = text.chars();
        return chars.next().is_some_and(|c| c.eq_ignore_ascii_case(&first))
            && matches(pattern.get(first.len_utf8()..).unwrap_or(""), chars.as_str(), found);
    };
    let longest = match field {
        "any" | "station" => text.len(),
        _ => text.find(|c: char| !is_of(field, c)).unwrap_or(text.len()),
    };
    (1..=longest).rev().any(|length| {
        let (Some(value), Some(after)) = (text.get(..length), text.get(length..)) else {
            return false;
        };
        let mut attempt = found.clone();
        let taken = take(field, value, &mut attempt).is_some() && matches(rest, after, &mut attempt);
        if taken {
            *found = attempt;
        }
        taken
    })
}

fn is_of(field: &str, c: char) -> bool {
    match field {
        "ymd" | "hz" | "sps" => c.is_ascii_digit(),
        "hms" => c.is_ascii_digit() || c == '.',
        "y-m-d" | "h-m-s" | "d-m-y" => c.is_ascii_digit() || c == '-',
        "d-mon-y" => c.is_ascii_alphanumeric() || c == '-',
        _ => c.is_ascii_alphanumeric() || c == '.',
    }
}

/// Takes a field's value: `ymd` 20230807, `y-m-d` 2023-08-07, `d-m-y` 07-08-2023, `d-mon-y`
/// 07-Aug-2023, `hms` 181711 or 181711.798, `h-m-s` 18-17-11 or 18-17-11-798, `hz` and `sps`
/// digits, `freq` a number with kHz, MHz …, `si` and `si_sps` a number with k, M or G, `station`
/// and `any` anything.
fn take(field: &str, value: &str, found: &mut Found) -> Option<()> {
    match field {
        "ymd" if value.len() == 8 => {
            found.date = Some([digits(value, 0..4)?, digits(value, 4..6)?, digits(value, 6..8)?]);
        }
        "y-m-d" if value.len() == 10 => {
            found.date = Some([digits(value, 0..4)?, digits(value, 5..7)?, digits(value, 8..10)?]);
        }
        "d-m-y" if value.len() == 10 => {
            found.date = Some([digits(value, 6..10)?, digits(value, 3..5)?, digits(value, 0..2)?]);
        }
        "d-mon-y" if value.len() == 11 => {
            let month = value.get(3..6)?.to_ascii_lowercase();
            const MONTHS: &str = "janfebmaraprmayjunjulaugsepoctnovdec";
            let month = MONTHS.find(&month).filter(|at| at % 3 == 0)? / 3 + 1;
            found.date = Some([digits(value, 7..11)?, month as i64, digits(value, 0..2)?]);
        }
        "hms" => {
            let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
            if whole.len() != 6 {
                return None;
            }
            found.time = Some([digits(whole, 0..2)?, digits(whole, 2..4)?, digits(whole, 4..6)?]);
            found.nanosecond = nanoseconds(fraction)?;
        }
        "h-m-s" => {
            let (whole, fraction) = (value.get(..8)?, value.get(8..)?);
            found.time = Some([digits(whole, 0..2)?, digits(whole, 3..5)?, digits(whole, 6..8)?]);
            found.nanosecond = match fraction {
                "" => 0,
                _ => nanoseconds(fraction.strip_prefix('-')?)?,
            };
        }
        "hz" => found.hz = Some(value.parse().ok()?),
        "sps" => found.sps = Some(value.parse().ok()?),
        "freq" => {
            let number = value.len().checked_sub(2)?;
            let unit = value.get(number..)?;
            let prefixed = value.get(..number).filter(|_| unit.eq_ignore_ascii_case("hz"))?;
            found.hz = Some(si_number(prefixed)?);
        }
        "si" if value.ends_with(|c: char| c.is_ascii_alphabetic()) => {
            found.hz = Some(si_number(value)?);
        }
        "si_sps" if value.ends_with(|c: char| c.is_ascii_alphabetic()) => {
            found.sps = Some(si_number(value)?);
        }
        "station" => found.station = Some(value.to_owned()),
        "any" => {}
        _ => return None,
    }
    Some(())
}

fn digits(text: &str, range: std::ops::Range<usize>) -> Option<i64> {
    let digits = text.get(range)?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn nanoseconds(fraction: &str) -> Option<i64> {
    let padded = format!("{fraction:0<9}");
    digits(&padded, 0..9)
}

/// A number with an optional k, M or G.
fn si_number(text: &str) -> Option<f64> {
    let factor = match text.bytes().last()?.to_ascii_lowercase() {
        b'k' => 1e3,
        b'm' => 1e6,
        b'g' => 1e9,
        _ => 1.0,
    };
    let number = if factor > 1.0 { text.get(..text.len() - 1)? } else { text };
    let plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    plain.then(|| number.parse::<f64>().ok()).flatten().map(|number| number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_way_of_naming_is_read() {
        // Times by `date -u -d ... +%s`.
        let ms = |s: i64, ms: i64| Some(s * 1_000_000_000 + ms * 1_000_000);
        let cases = [
            ("20200813T065220Z_77500_HB9ODP_iq.wav", Some(77_500.0), None, ms(1_597_301_540, 0)),
            ("gqrx_20230806_151838_428000000_200000_fc.raw", Some(428e6), Some(200e3), ms(1_691_335_118, 0)),
            ("2023-08-05_18-02-45-534_16000000SPS_2284000000Hz.s16", Some(2284e6), Some(16e6), ms(1_691_258_565, 534)),
            ("07-Aug-2023 181711.798 401.774MHz.wav", Some(401.774e6), None, ms(1_691_432_231, 798)),
            ("g001_433.92M_250k.cu8", Some(433.92e6), Some(250e3), None),
            ("SDRSharp_20230807_181711Z_401774000Hz_IQ.wav", Some(401.774e6), None, ms(1_691_432_231, 0)),
            ("HDSDR_20230807_181711Z_401774kHz_RF.wav", Some(401.774e6), None, ms(1_691_432_231, 0)),
            ("baseband_401774000Hz_18-17-11_07-08-2023.wav", Some(401.774e6), None, ms(1_691_432_231, 0)),
            ("modes1_1090M_2000k.cu8", Some(1090e6), Some(2e6), None),
            ("adsb_1090M_2400k_q-before-i.cs16", Some(1090e6), Some(2.4e6), None),
            ("esaver.cs8", None, None, None),
        ];
        for (name, hz, sps, start) in cases {
            let facts = facts(name);
            assert_eq!(facts.center_frequency_hz, hz, "{name}");
            assert_eq!(facts.sample_rate_hz, sps, "{name}");
            assert_eq!(facts.start_time_unix_ns, start, "{name}");
        }
    }

    #[test]
    fn station_coding_and_order_come_from_the_name() {
        assert_eq!(facts("a/20200813T065220Z_77500_JO51xl_iq.wav").station, "JO51xl");
        assert_eq!(facts("20200813T065220Z_77500_SM_5_iq.wav").station, "SM_5");
        assert_eq!(facts("C:\\north mast.cf32").station, "north mast");
        let gqrx = facts("gqrx_20230806_151838_428000000_200000_fc.raw");
        assert_eq!(gqrx.coding.map(|named| named.coding), Some(SampleCoding::F32));
        assert!(facts("adsb_1090M_2400k_q-before-i.cs16").iq_swapped);
        assert_eq!(facts("20231399T995220Z_77500_x_iq.wav").start_time_unix_ns, None);
    }

    #[test]
    fn hostile_names_end_quickly() {
        let names = ["_".repeat(190), "1_".repeat(95), "é".repeat(90), "9".repeat(199)];
        for name in names {
            facts(&name);
        }
    }
}
