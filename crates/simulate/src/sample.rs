//! The synthetic sample that the page offers to try.

use heimdall_recording::Position;

use crate::{
    Error, Modulation, NamedBytes, Noise, Propagation, ReceiverSpec, SampleFormat, Scene, Transmitter,
    sigmf_collection, simulate,
};

/// What the sample's file names begin with.
pub const SAMPLE_NAME: &str = "synthetic-145mhz";

/// Name, latitude, longitude, system noise figure in dB, start offset in ns. Positions as in the
/// first constellation; the figures include man-made noise, from a quiet hill to a city.
const RECEIVERS: [(&str, f64, f64, f64, i64); 5] = [
    ("Aquila di Giaveno", 45.02, 7.29, 8.0, 0),
    ("Montanaro", 45.234, 7.857, 12.0, 12_345_678),
    ("Passo dei Giovi", 44.561, 8.956, 18.0, 3_141_593),
    ("Genova", 44.395, 8.956, 15.0, 27_182_818),
    ("Milano-Baggio", 45.478, 9.123, 20.0, 8_000_001),
];

/// Five receivers with satellite clocks around a narrow-band emission in the 2 m band.
pub fn sample_scene() -> Scene {
    let place = |latitude_deg, longitude_deg| Position { latitude_deg, longitude_deg };
    let receivers = RECEIVERS.iter().map(|(name, lat, lon, figure_db, start_offset_ns)| {
        let noise = Noise::FigureDb(*figure_db);
        ReceiverSpec {
            start_offset_ns: *start_offset_ns,
            clock_sigma_s: 50e-9,
            ..ReceiverSpec::new(name, place(*lat, *lon), 16_000.0, noise)
        }
    });
    Scene {
        seed: 20_261,
        center_frequency_hz: 145.5e6,
        // 2026-10-17T09:30:00Z.
        start_time_unix_ns: 1_792_229_400_000_000_000,
        duration_s: 1.0,
        transmitter: Transmitter {
            position: place(44.8437, 8.4216),
            power_dbm: 38.0,
            frequency_offset_hz: 400.0,
            modulation: Modulation::FlatNoise { bandwidth_hz: 12_500.0 },
        },
        receivers: receivers.collect(),
        propagation: Propagation {
            exponent: 3.0,
            reference_loss_db: None,
            shadowing_sigma_db: 4.0,
            shadowing_correlation_m: Some(20e3),
            excess_delay_sigma_s: 0.1e-6,
        },
    }
}

/// The sample as a SigMF collection.
///
/// # Errors
/// None that a change of this file would not cause.
pub fn sample_files() -> Result<Vec<NamedBytes>, Error> {
    sigmf_collection(&simulate(&sample_scene())?, SAMPLE_NAME, SampleFormat::Ci16Le)
}
