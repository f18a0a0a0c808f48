//! `heimdall calibrate` from tables of levels to a table of gains, and what `locate` makes of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::collections::BTreeMap;

use support::files::Folder;
use support::program::heimdall;

const PLACES: [(&str, f64, f64, f64); 5] = [
    ("A", 45.00, 7.30, 4.0),
    ("B", 45.20, 7.90, -6.5),
    ("C", 44.60, 8.90, 11.0),
    ("D", 44.40, 8.45, -2.0),
    ("E", 45.45, 9.10, 0.0),
];
const TRANSMITTERS: [(f64, f64); 6] = [(45.05, 8.35), (44.8, 8.0), (45.3, 8.7), (44.7, 8.6), (45.1, 7.6), (44.95, 9.0)];

/// Levels of the log-distance law with exponent 3, gains added.
fn table(transmitter: (f64, f64), wrong: Option<&str>) -> String {
    let mut text = "receiver,lat,lon,level_dbm,sigma_db\n".to_owned();
    for (name, lat, lon, gain_db) in PLACES {
        let north_km = 111.2 * (lat - transmitter.0);
        let east_km = 78.8 * (lon - transmitter.1);
        let off = if wrong == Some(name) { 45.0 } else { 0.0 };
        let level = -50.0 - 30.0 * north_km.hypot(east_km).log10() + gain_db + off;
        text += &format!("{name},{lat},{lon},{level:.2},1\n");
    }
    text
}

fn gains(stdout: &str) -> BTreeMap<String, f64> {
    let mut reader = csv::Reader::from_reader(stdout.as_bytes());
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| (row[0].to_owned(), row[3].parse().unwrap())).collect()
}

#[test]
fn gains_come_out_of_levels_of_known_transmitters_and_one_wrong_level_is_named() {
    let folder = Folder::new();
    let emissions: Vec<String> = TRANSMITTERS
        .iter()
        .enumerate()
        .map(|(index, place)| {
            let path = folder.write(&format!("levels-{index}.csv"), table(*place, (index == 2).then_some("D")));
            format!("{}={},{}", path.display(), place.0, place.1)
        })
        .collect();
    let outcome = heimdall(["calibrate", "--fixed", "E"].into_iter().chain(emissions.iter().map(String::as_str)));
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("level of D in") && outcome.stderr.contains("levels-2.csv"), "{}", outcome.stderr);
    let found = gains(&outcome.stdout);
    for (name, _, _, gain_db) in PLACES {
        // The flat map of this test and the ellipsoid differ by half a decibel at most.
        assert!((found[name] - gain_db).abs() < 1.0, "{name}: {} is not {gain_db}", found[name]);
    }
}

#[test]
fn receivers_that_share_no_emission_are_refused_by_name() {
    let folder = Folder::new();
    let two = |names: [&str; 2], place: (f64, f64)| {
        let text = table(place, None);
        let keep = |line: &&str| line.starts_with("receiver") || names.iter().any(|name| line.starts_with(name));
        text.lines().filter(keep).collect::<Vec<_>>().join("\n")
    };
    let one = folder.write("one.csv", two(["A", "B"], TRANSMITTERS[0]));
    let other = folder.write("other.csv", two(["C", "D"], TRANSMITTERS[1]));
    let named = [format!("{}=45.05,8.35", one.display()), format!("{}=44.8,8.0", other.display())];
    let outcome = heimdall(["calibrate"].into_iter().chain(named.iter().map(String::as_str)));
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("C shares no emission with A"), "{}", outcome.stderr);
}
