//! Simulated scenes whose truth the tests know and the program does not read.

use heimdall_recording::Position;
use heimdall_simulate::{
    Modulation, NamedBytes, Noise, Propagation, ReceiverSpec, SampleFormat, Scene, Transmitter, distance_m,
    sigmf_collection, simulate,
};

/// What the files of [`scene`] begin with.
pub const NAME: &str = "scene";
/// Where the transmitter of [`scene`] is, latitude and longitude.
pub const TRUTH: [f64; 2] = [45.05, 8.35];

const PLACES: [(&str, f64, f64); 5] = [
    ("North", 45.60, 8.50),
    ("East", 45.00, 9.20),
    ("South", 44.50, 8.40),
    ("West", 45.10, 7.50),
    ("Hill", 45.45, 7.80),
];

pub fn place(latitude_deg: f64, longitude_deg: f64) -> Position {
    Position::new(latitude_deg, longitude_deg).expect("on the Earth")
}

/// Five faultless receivers around a 12.5 kHz emission in the 2 m band, half a second, 25 dB over the noise.
pub fn scene(seed: u64) -> Scene {
    let receivers =
        PLACES.iter().map(|(name, lat, lon)| ReceiverSpec::new(name, place(*lat, *lon), 16_000.0, Noise::SnrDb(25.0)));
    Scene {
        seed,
        center_frequency_hz: 145.5e6,
        start_time_unix_ns: 1_760_000_000_000_000_000,
        duration_s: 0.5,
        transmitter: Transmitter {
            position: place(TRUTH[0], TRUTH[1]),
            power_dbm: 40.0,
            frequency_offset_hz: 300.0,
            modulation: Modulation::FlatNoise { bandwidth_hz: 12_500.0 },
        },
        receivers: receivers.collect(),
        propagation: Propagation::free_space(),
    }
}

/// The scene's recordings without its collection: a recording each, metadata and samples.
pub fn files(scene: &Scene, name: &str, format: SampleFormat) -> Vec<NamedBytes> {
    let mut files = sigmf_collection(&simulate(scene).unwrap(), name, format).unwrap();
    files.retain(|file| !file.name.ends_with(".sigmf-collection"));
    files
}

/// The standard scene as 16-bit files.
pub fn standard_files() -> Vec<NamedBytes> {
    files(&scene(7), NAME, SampleFormat::Ci16Le)
}

/// Distance of latitude and longitude from the scene's truth, along the geodesic.
pub fn error_m(found: [f64; 2]) -> f64 {
    distance_m(place(found[0], found[1]), place(TRUTH[0], TRUTH[1]))
}

/// Changes one file of a list.
pub fn change(files: &mut [NamedBytes], part: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let file = files.iter_mut().find(|file| file.name.contains(part));
    change(&mut file.unwrap_or_else(|| panic!("no {part}")).bytes);
}
