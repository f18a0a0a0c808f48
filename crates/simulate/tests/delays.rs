//! Delays, clocks and rates of simulated recordings against closed forms.
#![allow(clippy::unwrap_used)]

mod common;

use std::f64::consts::TAU;

use common::{receiver, scene};
use heimdall_simulate::{Modulation, Noise, ReceiverSpec, SPEED_OF_LIGHT_M_PER_S, SimulatedReceiver, simulate};
use num_complex::Complex64;

/// No noise to speak of: 200 dB below the thermal one.
const NOISELESS: Noise = Noise::DensityDbmPerHz(-374.0);

/// The receiver's spectrum at a frequency over what was sent between 0.05 and 0.85 s, referred to
/// the time of arrival. The taper is a function of the time of emission, so that all receivers
/// weigh the same piece of the waveform, whatever their grids.
fn spectrum(received: &SimulatedReceiver, delay_s: f64, frequency_hz: f64) -> Complex64 {
    let start_s = received.spec.start_offset_ns as f64 * 1e-9;
    let step_s = 1.0 / received.spec.sample_rate_hz;
    received
        .iq
        .iter()
        .enumerate()
        .map(|(n, x)| {
            let t_s = start_s + n as f64 * step_s;
            let share = ((t_s - delay_s - 0.05) / 0.8).clamp(0.0, 1.0);
            // Hann's window squared: nothing outside, side lobes that vanish fast.
            let taper = (0.5 - 0.5 * (TAU * share).cos()).powi(2);
            let x = Complex64::new(f64::from(x.re), f64::from(x.im));
            x * taper * step_s * Complex64::cis(-TAU * frequency_hz * t_s)
        })
        .sum()
}

/// Slope of the cross-spectrum's phase beyond the stated difference of delays, in seconds.
fn delay_error_s(a: &SimulatedReceiver, b: &SimulatedReceiver, bandwidth_hz: f64) -> f64 {
    let stated_s = a.truth.delay_s - b.truth.delay_s;
    let frequencies: Vec<f64> = (-20..=20).map(|k| f64::from(k) * bandwidth_hz / 50.0).collect();
    let cross: Vec<Complex64> = frequencies
        .iter()
        .map(|f| {
            let pair = spectrum(a, a.truth.delay_s, *f) * spectrum(b, b.truth.delay_s, *f).conj();
            pair * Complex64::cis(TAU * f * stated_s)
        })
        .collect();
    // What is left has the phase of the carriers and no slope.
    let carrier = cross.iter().sum::<Complex64>().conj();
    let strongest = cross.iter().map(|x| x.norm()).fold(0.0, f64::max);
    let mut moments = (0.0, 0.0);
    for (f, x) in frequencies.iter().zip(&cross) {
        let phase = (x * carrier).arg();
        assert!(phase.abs() < 1e-3 || x.norm() < 1e-4 * strongest, "{phase} rad at {f} Hz");
        moments = (moments.0 + x.norm() * f * phase, moments.1 + x.norm() * f * f);
    }
    -moments.0 / moments.1 / TAU
}

#[test]
fn time_differences_are_geodesic_differences_over_c() {
    let simulated = simulate(&scene((0..4).map(|i| receiver(i, NOISELESS)).collect())).unwrap();
    let transmitter = simulated.scene.transmitter.position;
    for received in &simulated.receivers {
        let distance_m = heimdall_simulate::distance_m(transmitter, received.spec.position);
        assert_eq!(received.truth.delay_s, distance_m / SPEED_OF_LIGHT_M_PER_S);
        let error_s = delay_error_s(received, &simulated.receivers[0], 12.5e3);
        assert!(error_s.abs() < 1e-11, "{error_s} s");
    }
}

#[test]
fn delays_stay_exact_between_odd_rates_and_starts() {
    let odd = ReceiverSpec {
        sample_rate_hz: 24_003.31,
        start_offset_ns: 37_123_457,
        excess_delay_s: Some(13.7e-6),
        ..receiver(2, NOISELESS)
    };
    for modulation in [
        Modulation::FlatNoise { bandwidth_hz: 12.5e3 },
        Modulation::Fsk { symbol_rate_hz: 2400.0, deviation_hz: 3000.0 },
        Modulation::NbfmVoiceLike { deviation_hz: 3000.0 },
    ] {
        let mut scene = scene(vec![receiver(0, NOISELESS), odd.clone()]);
        scene.transmitter.modulation = modulation;
        let simulated = simulate(&scene).unwrap();
        let [a, b] = simulated.receivers.as_slice() else { unreachable!() };
        let error_s = delay_error_s(a, b, modulation.bandwidth_hz());
        assert!(error_s.abs() < 1e-11, "{modulation:?}: {error_s} s");
    }
}

#[test]
fn a_slower_receiver_at_the_same_place_takes_every_second_sample() {
    let slow = ReceiverSpec {
        name: "slow".into(),
        sample_rate_hz: 12.5e3,
        start_offset_ns: 2_000_000,
        ..receiver(0, NOISELESS)
    };
    let simulated = simulate(&scene(vec![receiver(0, NOISELESS), slow])).unwrap();
    let [fast, slow] = simulated.receivers.as_slice() else { unreachable!() };
    let gain = 10_f32.powf((slow.full_scale_dbm - fast.full_scale_dbm) as f32 / 20.0);
    let turn = Complex64::from_polar(f64::from(gain), fast.truth.carrier_phase_rad - slow.truth.carrier_phase_rad);
    for (n, x) in slow.iq.iter().take(12_000).enumerate() {
        let x = Complex64::new(f64::from(x.re), f64::from(x.im)) * turn;
        let y = fast.iq[50 + 2 * n];
        assert!((x - Complex64::new(f64::from(y.re), f64::from(y.im))).norm() < 1e-5);
    }
}

#[test]
fn stamps_are_true_times_plus_the_clock_error() {
    let late = ReceiverSpec { start_offset_ns: 1_234_567_891, clock_error_s: 2.5e-6, ..receiver(1, NOISELESS) };
    let simulated = simulate(&scene(vec![receiver(0, NOISELESS), late])).unwrap();
    assert_eq!(simulated.receivers[0].start_time_unix_ns, 1_790_000_000_000_000_000);
    assert_eq!(simulated.receivers[1].start_time_unix_ns, 1_790_000_001_234_570_391);
}

#[test]
fn an_oscillator_that_runs_high_sees_the_carrier_low() {
    let high = ReceiverSpec { frequency_error_ppm: 2.0, ..receiver(0, NOISELESS) };
    let mut scene = scene(vec![high]);
    scene.transmitter.modulation = Modulation::Am { depth: 0.3 };
    scene.transmitter.frequency_offset_hz = 1000.0;
    let simulated = simulate(&scene).unwrap();
    // 145.5 MHz · 2 ppm = 291 Hz.
    let level = |frequency_hz: f64| spectrum(&simulated.receivers[0], 0.0, frequency_hz).norm();
    assert!(level(709.0) > 20.0 * level(702.0).max(level(716.0)));
}
