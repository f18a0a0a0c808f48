//! How long planes take: medians of 30 runs after one that warms up.
//!
//! `cargo run --release -p heimdall-model --example time_planes`
use std::hint::black_box;
use std::time::Instant;

use heimdall_features::iq_to_mel_spectrogram;
use heimdall_model::{Constellation, Error, FeatureSettings, ReceiverInput, Site, planes};
use heimdall_recording::Position;
use num_complex::Complex32;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

const RUNS: usize = 30;
const RATE_HZ: f64 = 192_000.0;

fn main() -> Result<(), Error> {
    // North-western Italy: the longest of the 21 baselines is 154 km.
    let sites = [
        ("Aquila di Giaveno", 45.02, 7.29),
        ("Montanaro", 45.234, 7.857),
        ("Torino", 45.044, 7.672),
        ("Coazze", 45.03, 7.27),
        ("Passo dei Giovi", 44.561, 8.956),
        ("Genova", 44.395, 8.956),
        ("Milano-Baggio", 45.478, 9.123),
    ];
    let site = |(name, latitude_deg, longitude_deg): (&str, f64, f64)| Site {
        name: name.into(),
        position: Position { latitude_deg, longitude_deg },
    };
    let constellation = Constellation::new("Italy".into(), sites.into_iter().map(site).collect())?;
    let settings = FeatureSettings::default();
    let recordings: Vec<Vec<Complex32>> = (0..sites.len() as u64).map(noise).collect();
    for common_clock in [false, true] {
        let input = |samples| ReceiverInput {
            samples,
            sample_rate_hz: RATE_HZ,
            full_scale_dbm: -30.0,
            start_s: 0.0,
            common_clock,
        };
        let inputs: Vec<_> = recordings.iter().map(|samples| Some(input(samples.as_slice()))).collect();
        let what = if common_clock { "levels and 21 pairs" } else { "levels only" };
        report(&format!("planes, 7 × 1 s × 192 kHz, {what}"), || planes(&constellation, &settings, &inputs).is_ok());
    }
    let first = recordings.first().map_or(&[][..], Vec::as_slice);
    report("128 mel bands in dB of 1 s × 192 kHz, frame by frame", || {
        iq_to_mel_spectrogram(first, RATE_HZ, &settings.mel).is_ok()
    });
    Ok(())
}

fn noise(seed: u64) -> Vec<Complex32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut draw = || -> f32 { StandardNormal.sample(&mut rng) };
    (0..RATE_HZ as usize).map(|_| Complex32::new(draw(), draw()) * 0.01).collect()
}

fn report(what: &str, mut run: impl FnMut() -> bool) {
    black_box(run());
    let mut times_ms: Vec<f64> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            black_box(run());
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times_ms.sort_by(f64::total_cmp);
    let at = |share: f64| times_ms.get((share * (RUNS - 1) as f64) as usize).copied().unwrap_or_default();
    println!("{what}: median {:.2} ms, fastest {:.2}, slowest {:.2}", at(0.5), at(0.0), at(1.0));
}
