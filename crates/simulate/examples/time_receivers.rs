//! Prints how long seven receivers take at 192 kHz, by modulation:
//! `cargo run --release -p heimdall-simulate --example time_receivers`.

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use heimdall_simulate::{IqWorkspace, Modulation, ReceiverDraw, SceneDraw, simulate_receivers};

const ROUNDS: u64 = 30;

fn main() -> Result<(), Box<dyn Error>> {
    let mut workspace = IqWorkspace::default();
    for modulation in [
        Modulation::NbfmVoiceLike { deviation_hz: 2500.0 },
        Modulation::Fsk { symbol_rate_hz: 1200.0, deviation_hz: 2400.0 },
        Modulation::CwKeyed { words_per_minute: 20.0 },
        Modulation::FlatNoise { bandwidth_hz: 12.5e3 },
        Modulation::FlatNoise { bandwidth_hz: 150e3 },
        Modulation::Ofdm { subcarriers: 52, spacing_hz: 1000.0, prefix: 0.125 },
    ] {
        let receiver = |index: u32| ReceiverDraw {
            sample_clock_ppm: 0.5,
            frequency_error_ppm: 0.3 * f64::from(index),
            ..ReceiverDraw::new(-90.0, 1e-4 * f64::from(index), -160.0)
        };
        let mut draw = SceneDraw {
            seed: 0,
            modulation,
            center_frequency_hz: 145.5e6,
            frequency_offset_hz: 3000.0,
            sample_rate_hz: 192e3,
            duration_s: 1.0,
            full_scale_dbm: -60.0,
            receivers: (0..7).map(receiver).collect(),
        };
        let mut times_ms = Vec::new();
        for seed in 0..ROUNDS {
            draw.seed = seed;
            let start = Instant::now();
            black_box(simulate_receivers(&draw, &mut workspace)?);
            times_ms.push(start.elapsed().as_secs_f64() * 1e3);
        }
        times_ms.sort_by(f64::total_cmp);
        let median_ms = times_ms.get(times_ms.len() / 2).copied().unwrap_or_default();
        let least_ms = times_ms.first().copied().unwrap_or_default();
        println!("{modulation:?}: 1 s × 7 × 192 kHz in {median_ms:.1} ms (median of {ROUNDS}, least {least_ms:.1})");
    }
    Ok(())
}
