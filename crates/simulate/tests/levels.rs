//! Levels and signal-to-noise ratios of simulated recordings.
#![allow(clippy::unwrap_used)]

mod common;

use common::{receiver, scene};
use heimdall_simulate::{Noise, Propagation, ReceiverSpec, Scene, free_space_loss_db, simulate};
use num_complex::Complex64;
use rustfft::FftPlanner;

/// No noise to speak of: 200 dB below the thermal one.
const NOISELESS: Noise = Noise::DensityDbmPerHz(-374.0);

/// Mean power of samples within ±`half_band_hz`, by their periodogram.
fn band_power(samples: &[Complex64], rate_hz: f64, half_band_hz: f64) -> f64 {
    let mut bins = samples.to_vec();
    let size = bins.len();
    FftPlanner::new().plan_fft_forward(size).process(&mut bins);
    let inside = (half_band_hz / rate_hz * size as f64) as usize;
    let lower = bins.iter().rev().take(inside);
    let power: f64 = bins.iter().take(inside + 1).chain(lower).map(|x| x.norm_sqr()).sum();
    power / (size * size) as f64
}

/// Samples in √mW.
fn samples_of(scene: &Scene) -> Vec<Complex64> {
    let received = simulate(scene).unwrap().receivers.remove(0);
    let scale = 10_f64.powf(received.full_scale_dbm / 20.0);
    let wide = |x: &num_complex::Complex32| Complex64::new(f64::from(x.re), f64::from(x.im)) * scale;
    received.iq.iter().map(wide).collect()
}

#[test]
fn stated_ratio_is_signal_over_noise_in_the_signals_own_band() {
    for snr_db in [-5.0, 20.0] {
        let signal = samples_of(&scene(vec![receiver(0, NOISELESS)]));
        let both = samples_of(&scene(vec![receiver(0, Noise::SnrDb(snr_db))]));
        // The same seed draws the same signal, so the difference is the noise alone.
        let noise: Vec<Complex64> = both.iter().zip(&signal).map(|(a, b)| a - b).collect();
        let in_band = band_power(&noise, 25e3, 6250.0);
        let measured_db = 10.0 * (band_power(&signal, 25e3, 6250.0) / in_band).log10();
        // 12 500 independent values each: 0.04 dB (1 σ) of the noise; the signal's own power
        // over the second scatters about as much.
        assert!((measured_db - snr_db).abs() < 0.2, "{measured_db} for {snr_db}");
        // White over the rate: twice the band holds twice the power.
        let all = band_power(&noise, 25e3, 12_499.0);
        assert!((all / in_band - 2.0).abs() < 0.06);
    }
}

#[test]
fn noise_figure_is_over_thermal_noise() {
    // kT₀ = 1.380649e-23 · 290 W/Hz = −173.975 dBm/Hz; 25 kHz add 43.98 dB.
    let mut scene = scene(vec![receiver(0, Noise::FigureDb(10.0))]);
    scene.transmitter.power_dbm = -300.0;
    let power = band_power(&samples_of(&scene), 25e3, 12_499.0);
    assert!((10.0 * power.log10() - (-173.975 + 10.0 + 43.979)).abs() < 0.2);
}

#[test]
fn absolute_level_is_power_less_loss_plus_gain_error() {
    let spec = ReceiverSpec { gain_error_db: 3.0, shadowing_db: Some(-7.0), ..receiver(1, NOISELESS) };
    let mut scene = scene(vec![spec]);
    scene.propagation = Propagation { exponent: 3.2, ..Propagation::free_space() };
    let truth = simulate(&scene).unwrap().receivers[0].truth;
    let loss_db = free_space_loss_db(1000.0, 145.5e6) + 32.0 * (truth.distance_m / 1000.0).log10();
    let expected_dbm = 40.0 - loss_db - 7.0 + 3.0;
    assert!((truth.recorded_level_dbm - expected_dbm).abs() < 1e-9);
    let power = band_power(&samples_of(&scene), 25e3, 12_499.0);
    assert!((10.0 * power.log10() - expected_dbm).abs() < 0.2);
}

#[test]
fn scenes_that_cannot_be_are_refused_with_the_reason() {
    let refused = |change: fn(&mut Scene)| {
        let mut scene = scene(vec![receiver(0, NOISELESS), receiver(1, NOISELESS)]);
        change(&mut scene);
        simulate(&scene).unwrap_err().to_string()
    };
    assert!(refused(|s| s.receivers.clear()).contains("no receivers"));
    assert!(refused(|s| s.receivers[1].name = "R0".into()).contains("used before"));
    assert!(refused(|s| s.receivers[1].sample_rate_hz = 12e3).contains("higher sample rate"));
    assert!(refused(|s| s.duration_s = 1e9).contains("shorten"));
    assert!(refused(|s| s.duration_s = f64::NAN).contains("duration_s"));
    assert!(refused(|s| s.transmitter.position.latitude_deg = 91.0).contains("transmitter"));
}
