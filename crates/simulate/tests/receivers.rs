//! Fast receivers against closed forms.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::f64::consts::TAU;

use heimdall_simulate::{IqWorkspace, Modulation, Outage, ReceiverDraw, ReceiverIq, SceneDraw, simulate_receivers};
use num_complex::{Complex32, Complex64};

/// Nothing to be heard: 200 dB below the signals here.
const SILENT: f64 = -340.0;

fn draw(modulation: Modulation, receivers: Vec<ReceiverDraw>) -> SceneDraw {
    SceneDraw {
        seed: 11,
        modulation,
        center_frequency_hz: 145.5e6,
        frequency_offset_hz: 0.0,
        sample_rate_hz: 192e3,
        duration_s: 0.5,
        full_scale_dbm: -60.0,
        receivers,
    }
}

fn received(draw: &SceneDraw) -> Vec<ReceiverIq> {
    simulate_receivers(draw, &mut IqWorkspace::default()).unwrap().to_vec()
}

fn double(x: &Complex32) -> Complex64 {
    Complex64::new(f64::from(x.re), f64::from(x.im))
}

fn power_db(iq: &[Complex32]) -> f64 {
    10.0 * (iq.iter().map(|x| double(x).norm_sqr()).sum::<f64>() / iq.len() as f64).log10()
}

/// The spectrum at a frequency of what was sent between 0.02 and 0.47 s, referred to the arrival.
/// Its taper, Hann's squared, is a function of the time of emission: all receivers weigh alike.
fn spectrum(iq: &[Complex32], receiver: &ReceiverDraw, frequency_hz: f64) -> Complex64 {
    let step_s = 1.0 / (192e3 * (1.0 + receiver.sample_clock_ppm * 1e-6));
    let late_s = receiver.delay_s + receiver.clock_offset_s;
    let at = |(n, x): (usize, &Complex32)| {
        let t_s = n as f64 * step_s;
        let share = ((t_s - late_s - 0.02) / 0.45).clamp(0.0, 1.0);
        double(x) * (0.5 - 0.5 * (TAU * share).cos()).powi(2) * Complex64::cis(-TAU * frequency_hz * (t_s - late_s))
    };
    iq.iter().enumerate().map(at).sum()
}

/// Slope of the cross-spectrum's phase that the stated delays leave, in samples.
fn delay_error_samples(draw: &SceneDraw, iq: &[ReceiverIq]) -> f64 {
    let half_hz = draw.modulation.bandwidth_hz() / 2.0;
    let cross: Vec<(f64, Complex64)> = (-20..=20)
        .map(|k| {
            let f = f64::from(k) * half_hz / 25.0;
            let [a, b] = [0, 1].map(|i| spectrum(&iq[i].iq, &draw.receivers[i], f));
            (f, a * b.conj())
        })
        .collect();
    let carrier = cross.iter().map(|(_, x)| x).sum::<Complex64>().conj();
    let moment: f64 = cross.iter().map(|(f, x)| x.norm() * f * (x * carrier).arg()).sum();
    let weight: f64 = cross.iter().map(|(f, x)| x.norm() * f * f).sum();
    moment / weight / TAU * 192e3
}

#[test]
fn delays_clocks_and_sample_clocks_are_exact_to_a_thousandth_of_a_sample() {
    for modulation in [
        Modulation::FlatNoise { bandwidth_hz: 12.5e3 },
        Modulation::FlatNoise { bandwidth_hz: 150e3 },
        Modulation::NbfmVoiceLike { deviation_hz: 2500.0 },
        Modulation::Fsk { symbol_rate_hz: 1200.0, deviation_hz: 2400.0 },
    ] {
        let late = ReceiverDraw { clock_offset_s: 41.7e-6, ..ReceiverDraw::new(-70.0, 523.456_7e-6, SILENT) };
        let fast = ReceiverDraw { sample_clock_ppm: 7.0, ..ReceiverDraw::new(-80.0, -12.3e-6, SILENT) };
        let draw = draw(modulation, vec![late, fast]);
        let error = delay_error_samples(&draw, &received(&draw));
        assert!(error.abs() < 1e-3, "{modulation:?}: {error} samples");
    }
}

#[test]
fn levels_are_decibels_of_the_stated_full_scale() {
    let quiet = ReceiverDraw { gain_db: 6.0, ..ReceiverDraw::new(-75.0, 1e-4, SILENT) };
    let noisy = ReceiverDraw { gain_db: -3.0, ..ReceiverDraw::new(-300.0, 0.0, -150.0) };
    let draw = draw(Modulation::FlatNoise { bandwidth_hz: 100e3 }, vec![quiet, noisy]);
    let iq = received(&draw);
    // 50 000 independent values: one per cent is three standard errors, the draw's own mean power
    // being 1 over its whole period.
    assert!((power_db(&iq[0].iq) - (-75.0 + 6.0 + 60.0)).abs() < 0.06);
    assert_eq!(iq[0].level_dbfs, -9.0);
    let expected_db = -150.0 + 10.0 * 192e3_f64.log10() - 3.0 + 60.0;
    assert!((power_db(&iq[1].iq) - expected_db).abs() < 0.06);
    assert!((iq[1].noise_dbfs - expected_db).abs() < 1e-9);
}

#[test]
fn noises_of_receivers_are_white_and_uncorrelated() {
    let draw = draw(Modulation::CwKeyed { words_per_minute: 20.0 }, vec![ReceiverDraw::new(-300.0, 0.0, -150.0); 3]);
    let iq = received(&draw);
    let correlation = |a: &[Complex32], b: &[Complex32]| {
        let cross: Complex64 = a.iter().zip(b).map(|(a, b)| double(a) * double(b).conj()).sum();
        let norm = |x: &[Complex32]| x.iter().map(|x| double(x).norm_sqr()).sum::<f64>();
        cross.norm() / (norm(a) * norm(b)).sqrt()
    };
    // |ρ|² of independent noise is exponential with mean 1/n: 4/√n is exceeded once in e¹⁶.
    let limit = 4.0 / (draw.sample_count() as f64).sqrt();
    for lag in 0..64 {
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            let rho = correlation(&iq[i].iq[lag..], &iq[j].iq);
            assert!(rho < limit, "{i} {j} at {lag}: {rho}");
        }
        let own = correlation(&iq[0].iq[lag + 1..], &iq[0].iq);
        assert!(own < limit, "own at {}: {own}", lag + 1);
    }
}

#[test]
fn the_same_seed_gives_the_same_samples_and_another_gives_others() {
    let first = draw(Modulation::FlatNoise { bandwidth_hz: 12.5e3 }, vec![ReceiverDraw::new(-70.0, 0.0, -150.0); 2]);
    let mut workspace = IqWorkspace::default();
    let once = simulate_receivers(&first, &mut workspace).unwrap().to_vec();
    let other = simulate_receivers(&SceneDraw { seed: 12, ..first.clone() }, &mut workspace).unwrap().to_vec();
    assert_ne!(once, other);
    // What the workspace held before leaves no trace.
    assert_eq!(once, simulate_receivers(&first, &mut workspace).unwrap());
}

#[test]
fn an_oscillator_that_runs_high_sees_the_emission_low() {
    let receiver = ReceiverDraw { frequency_error_ppm: 2.0, ..ReceiverDraw::new(-70.0, 0.0, SILENT) };
    let mut draw = draw(Modulation::Am { depth: 0.3 }, vec![receiver.clone()]);
    draw.frequency_offset_hz = 1000.0;
    let iq = received(&draw);
    // 145.5 MHz · 2 ppm = 291 Hz.
    let level = |frequency_hz: f64| spectrum(&iq[0].iq, &receiver, frequency_hz).norm();
    assert!(level(709.0) > 20.0 * level(694.0).max(level(724.0)));
}

#[test]
fn outages_are_silence_or_no_samples_and_leave_the_rest_alone() {
    let whole = ReceiverDraw::new(-70.0, 0.0, -150.0);
    let mut draw = draw(Modulation::FlatNoise { bandwidth_hz: 12.5e3 }, vec![whole; 3]);
    let before = received(&draw);
    draw.receivers[0].outage = Outage::Away;
    draw.receivers[1].outage = Outage::Gap { from_s: 0.1, to_s: 0.2 };
    let after = received(&draw);
    assert!(after[0].iq.is_empty());
    assert!(after[1].iq[19_200..38_400].iter().all(|x| *x == Complex32::default()));
    assert_eq!(after[1].iq[38_400..], before[1].iq[38_400..]);
    assert_eq!(after[2], before[2]);
}

#[test]
fn what_cannot_be_received_is_refused_with_the_receiver() {
    let receiver = ReceiverDraw::new(-70.0, 0.0, -150.0);
    let mut workspace = IqWorkspace::default();
    let wide = draw(Modulation::FlatNoise { bandwidth_hz: 200e3 }, vec![receiver.clone()]);
    let error = simulate_receivers(&wide, &mut workspace).unwrap_err().to_string();
    assert!(error.contains("receiver 0"), "{error}");
    let broken = ReceiverDraw { delay_s: f64::NAN, ..receiver };
    let refused = draw(Modulation::FlatNoise { bandwidth_hz: 10e3 }, vec![broken]);
    let error = simulate_receivers(&refused, &mut workspace).unwrap_err().to_string();
    assert!(error.contains("delay_s"), "{error}");
}
