//! A scene for tests to vary.

use heimdall_recording::Position;
use heimdall_simulate::{Modulation, Noise, Propagation, ReceiverSpec, Scene, Transmitter};

pub fn place(latitude_deg: f64, longitude_deg: f64) -> Position {
    Position::new(latitude_deg, longitude_deg).unwrap()
}

pub fn receiver(index: usize, noise: Noise) -> ReceiverSpec {
    let position = place(45.0 + 0.2 * index as f64, 7.3 + 0.31 * index as f64);
    ReceiverSpec::new(&format!("R{index}"), position, 25e3, noise)
}

/// Flat noise of 12.5 kHz at `receivers`, free space.
pub fn scene(receivers: Vec<ReceiverSpec>) -> Scene {
    Scene {
        seed: 42,
        center_frequency_hz: 145.5e6,
        start_time_unix_ns: 1_790_000_000_000_000_000,
        duration_s: 1.0,
        transmitter: Transmitter {
            position: place(44.9, 8.3),
            power_dbm: 40.0,
            frequency_offset_hz: 0.0,
            modulation: Modulation::FlatNoise { bandwidth_hz: 12.5e3 },
        },
        receivers,
        propagation: Propagation::free_space(),
    }
}
