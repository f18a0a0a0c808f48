//! For which receivers and with which settings planes are made, and what their hash covers.
#![allow(clippy::unwrap_used)]

mod common;

use common::{constellation, site};
use heimdall_features::{MelScale, Window};
use heimdall_model::{Constellation, FeatureSettings, Site};
use heimdall_recording::Position;

fn at(latitude_deg: f64, longitude_deg: f64) -> Position {
    Position { latitude_deg, longitude_deg }
}

#[test]
fn the_hash_changes_with_every_setting_and_with_the_receivers() {
    let base = FeatureSettings::default();
    let row = constellation(3);
    type Change = fn(&mut FeatureSettings);
    let changes: [Change; 14] = [
        |s| s.mel.sample_rate_hz = 192_001.0,
        |s| s.mel.stft.fft_size = 4096,
        |s| s.mel.stft.hop = 511,
        |s| s.mel.stft.window = Window::Hamming,
        |s| s.mel.stft.window = Window::Kaiser { beta: 8.0 },
        |s| s.mel.scale = MelScale::Slaney,
        |s| s.mel.area_normalised = true,
        |s| s.mel.low_hz = 1e-9,
        |s| s.mel.high_hz = Some(96_000.0),
        |s| s.duration_s = 1.000_000_000_000_001,
        |s| s.level_shift_dbm = -121.0,
        |s| s.level_scale_db = 21.0,
        |s| s.level_floor_dbm = -159.0,
        |s| s.lag_margin = 1.2,
    ];
    let mut hashes = vec![base.hash(&row).unwrap()];
    for change in changes {
        let mut settings = base.clone();
        change(&mut settings);
        hashes.push(settings.hash(&row).unwrap());
    }
    let changed = |change: fn(&mut Constellation)| {
        let mut other = row.clone();
        change(&mut other);
        base.hash(&other).unwrap()
    };
    hashes.push(changed(|c| c.receivers[1].position.latitude_deg += 1e-7));
    hashes.push(changed(|c| c.receivers[2].position.longitude_deg += 1e-7));
    hashes.push(changed(|c| c.receivers.swap(0, 1)));
    hashes.push(changed(|c| c.receivers[0].name = "other".into()));
    hashes.push(changed(|c| c.origin.latitude_deg += 1e-7));
    hashes.push(changed(|c| c.scale_m += 1e-3));
    let count = hashes.len();
    assert!(hashes.iter().all(|hash| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit())));
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), count);
}

#[test]
fn settings_and_receivers_keep_their_hash_through_json() {
    let (settings, row) = (FeatureSettings::default(), constellation(7));
    let read_settings: FeatureSettings = serde_json::from_str(&serde_json::to_string(&settings).unwrap()).unwrap();
    let read_row: Constellation = serde_json::from_str(&serde_json::to_string(&row).unwrap()).unwrap();
    assert_eq!(read_settings.hash(&read_row).unwrap(), settings.hash(&row).unwrap());
    let unknown = serde_json::to_string(&settings).unwrap().replacen('{', "{\"gamma\":1,", 1);
    assert!(serde_json::from_str::<FeatureSettings>(&unknown).unwrap_err().to_string().contains("gamma"));
}

#[test]
fn settings_out_of_range_are_named() {
    type Change = fn(&mut FeatureSettings);
    let cases: [(Change, &str); 13] = [
        (|s| s.duration_s = 0.0, "duration_s"),
        (|s| s.duration_s = 1e6, "duration_s"),
        (|s| s.level_scale_db = -20.0, "level_scale_db"),
        (|s| s.level_shift_dbm = f64::NAN, "level_shift_dbm"),
        (|s| s.level_floor_dbm = f64::NEG_INFINITY, "level_floor_dbm"),
        (|s| s.lag_margin = f64::INFINITY, "lag_margin"),
        (|s| s.mel.band_count = 64, "mel.band_count"),
        (|s| s.mel.stft.fft_size = 1 << 20, "mel.stft.fft_size"),
        (|s| s.mel.stft.fft_size = 0, "mel.stft.fft_size"),
        (|s| s.mel.stft.hop = 0, "mel.stft.hop"),
        // A frame every 0.1 s leaves columns of 0.03 s empty.
        (|s| s.mel.stft.hop = 19_200, "mel.stft"),
        (|s| s.mel.stft.fft_size = 128, "band"),
        (|s| s.mel.high_hz = Some(200_000.0), "200000"),
    ];
    for (change, named) in cases {
        let mut settings = FeatureSettings::default();
        change(&mut settings);
        let message = settings.validate().unwrap_err().to_string();
        assert!(message.contains(named) && message.starts_with("no planes can be made"), "{named}: {message}");
        assert!(settings.hash(&constellation(2)).is_err());
    }
}

#[test]
fn a_constellation_has_two_to_eight_receivers_apart_from_each_other() {
    let made = |sites: Vec<Site>| Constellation::new("test".into(), sites);
    for count in 2..=8 {
        let row = constellation(count);
        assert_eq!(row.plane_count(), count + count * (count - 1) / 2);
        assert_eq!(row.pairs().count(), count * (count - 1) / 2);
    }
    for count in [0, 1, 9] {
        let message = made((0..count).map(site).collect()).unwrap_err().to_string();
        assert!(message.contains("2 to 8 receivers") && message.contains(&format!("has {count}")), "{message}");
    }
    // Nine metres north: a degree of latitude is 110.6 km at the equator.
    let near = Site { name: "near".into(), position: at(0.1 + 9.0 / 110_574.0, 10.0) };
    let message = made(vec![site(0), site(1), near]).unwrap_err().to_string();
    assert!(message.contains("within 10 m") && message.contains("leave out 0 or near"), "{message}");
    for position in [at(91.0, 10.0), at(f64::NAN, 10.0), at(0.0, 0.0), at(10.0, 181.0)] {
        let message = made(vec![site(0), Site { name: "lost".into(), position }]).unwrap_err().to_string();
        assert!(message.contains("latitude and longitude of lost"), "{message}");
    }
    for (scale_m, origin) in [(0.0, at(0.1, 10.0)), (f64::NAN, at(0.1, 10.0)), (1.0, at(f64::NAN, 0.0))] {
        let odd = Constellation { scale_m, origin, ..constellation(2) };
        assert!(odd.validate().unwrap_err().to_string().contains("origin and a positive scale"));
    }
}

#[test]
fn positions_are_measured_from_the_receivers_middle_also_across_the_date_line() {
    // 0.5° on either side of 180° on the equator: 2π·6378137/360 m a degree.
    let sites = [179.5, -179.5].map(|longitude_deg| Site { name: "x".into(), position: at(0.2, longitude_deg) });
    let pair = Constellation::new("line".into(), sites.into()).unwrap();
    assert!((pair.origin.longitude_deg.abs() - 180.0).abs() < 1e-6, "{:?}", pair.origin);
    let half_m = 0.5 * 111_319.49 * 0.2f64.to_radians().cos();
    assert!((pair.scale_m - half_m).abs() < 1.0, "{}", pair.scale_m);
    assert_eq!(pair.frame().origin, pair.origin);
    assert!((pair.pairs().next().unwrap().baseline_m - 2.0 * half_m).abs() < 2.0);
}

#[test]
fn recordings_find_their_receivers_and_a_foreign_one_finds_no_model() {
    let row = constellation(3);
    let (first, third) = (at(0.1005, 10.0), at(0.1, 12.0005));
    assert_eq!(row.assign(&[third, first], 200.0), Some(vec![Some(1), None, Some(0)]));
    assert_eq!(row.assign(&[third, first], 10.0), None); // both more than 10 m away
    assert_eq!(row.assign(&[first], 200.0), None); // one receiver measures nothing
    assert_eq!(row.assign(&[first, third, at(5.0, 5.0)], 200.0), None); // the third would be left unheard
    assert_eq!(row.assign(&[], 200.0), None);
    // One recording near two receivers is not two.
    assert_eq!(row.assign(&[at(0.1, 10.5), third], 60_000.0), None);
}
