//! What planes show of known signals, against closed forms.
#![allow(clippy::unwrap_used)]

mod common;

use common::{RATE_HZ, constellation, input, noise, tone};
use heimdall_features::{MelBank, Sides};
use heimdall_localize::SPEED_OF_LIGHT_M_PER_S;
use heimdall_model::{Error, FeatureSettings, PLANE_COLUMNS, PLANE_ROWS, Planes, ReceiverInput, planes};
use num_complex::Complex32;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

fn made(inputs: &[Option<ReceiverInput>]) -> Planes {
    planes(&constellation(inputs.len()), &FeatureSettings::default(), inputs).unwrap()
}

/// Level of a cell in dBm.
fn level_dbm(made: &Planes, plane: usize, row: usize, column: usize) -> f64 {
    f64::from(made.plane(plane)[row * PLANE_COLUMNS + column]) * 20.0 - 120.0
}

/// Power of rows in a column, milliwatts.
fn power_mw(made: &Planes, plane: usize, rows: &[usize], column: usize) -> f64 {
    rows.iter().map(|row| 10f64.powf(level_dbm(made, plane, *row, column) / 10.0)).sum()
}

#[test]
fn a_tone_reads_its_power_in_the_band_of_its_frequency() {
    // A tone of amplitude 0.1 is −20 dB of full scale. A Hann window spreads a tone on a bin over three, with ¼, 1 and
    // ¼ of its power, so that a wide band around it holds 1.5 times its power and a narrow one less.
    let settings = FeatureSettings::default();
    let bank = MelBank::new(&settings.mel, RATE_HZ, Sides::Two).unwrap();
    let centers_hz: Vec<f64> = bank.centers_hz().collect();
    for row in [4, 20, 107, 123] {
        let samples = tone(centers_hz[row], 0.1);
        let made = made(&[Some(input(&samples)), None]);
        for column in 0..PLANE_COLUMNS {
            let loudest = (0..PLANE_ROWS)
                .max_by(|a, b| level_dbm(&made, 0, *a, column).total_cmp(&level_dbm(&made, 0, *b, column)));
            assert_eq!(loudest, Some(row), "column {column}");
            // −30 dBm − 20 dB, and up to 10·log₁₀(1.5) = 1.76 dB above.
            let above_db = level_dbm(&made, 0, row, column) + 50.0;
            assert!((0.0..1.77).contains(&above_db), "row {row}: {above_db} dB");
            // Triangles of neighbours add up to one, so all bands hold the 1.5 (Parseval).
            let all: Vec<usize> = (0..PLANE_ROWS).collect();
            let sum_dbm = 10.0 * power_mw(&made, 0, &all, column).log10();
            assert!((sum_dbm - (-50.0 + 10.0 * 1.5f64.log10())).abs() < 0.02, "row {row}: {sum_dbm} dBm");
        }
    }
}

#[test]
fn a_level_shows_shifted_scaled_and_never_below_the_floor() {
    let silence = vec![Complex32::default(); RATE_HZ as usize];
    let made = made(&[Some(input(&silence)), None]);
    // (−160 + 120) / 20.
    assert!(made.plane(0).iter().chain(made.plane(1)).all(|value| *value == -2.0));
}

#[test]
fn ten_decibels_between_receivers_show_as_ten_for_an_emission_wider_than_a_band_and_narrower() {
    // 12.5 kHz of noise around +40 kHz and around +2 kHz, 20 dB over the receivers' own noise in that bandwidth at the
    // weaker receiver.
    for center_hz in [2_000.0, 40_000.0] {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let emission = common::band_noise(&mut rng, center_hz, 12_500.0);
        let heard = |rng: &mut ChaCha8Rng, amplitude: f32| -> Vec<Complex32> {
            let own = noise(rng, (0.01 * 0.01 * RATE_HZ / 12_500.0 * 0.01).sqrt() as f32);
            emission.iter().zip(own).map(|(sample, own)| sample * amplitude + own).collect()
        };
        let strong = heard(&mut rng, 0.01 * 10f32.sqrt());
        let weak = heard(&mut rng, 0.01);
        let made = made(&[Some(input(&strong)), Some(input(&weak))]);
        let bank = MelBank::new(&FeatureSettings::default().mel, RATE_HZ, Sides::Two).unwrap();
        let rows: Vec<usize> = bank
            .centers_hz()
            .enumerate()
            .filter_map(|(row, hz)| ((hz - center_hz).abs() < 8_000.0).then_some(row))
            .collect();
        let total = |plane: usize| -> f64 {
            (0..PLANE_COLUMNS).map(|column| power_mw(&made, plane, &rows, column)).sum::<f64>() / PLANE_COLUMNS as f64
        };
        let difference_db = 10.0 * (total(0) / total(1)).log10();
        assert!((difference_db - 10.0).abs() < 0.2, "{center_hz} Hz: {difference_db} dB");
        // In every column, not only on average.
        for column in 0..PLANE_COLUMNS {
            let ratio = power_mw(&made, 0, &rows, column) / power_mw(&made, 1, &rows, column);
            assert!((10.0 * ratio.log10() - 10.0).abs() < 0.3, "{center_hz} Hz, column {column}");
        }
    }
}

#[test]
fn a_delayed_emission_peaks_in_the_bin_of_its_lag() {
    let constellation = constellation(2);
    let pair = constellation.pairs().next().unwrap();
    let longest_s = 1.1 * pair.baseline_m / SPEED_OF_LIGHT_M_PER_S;
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let emission = common::band_noise(&mut rng, 0.0, 50_000.0);
    for delay in [-60i32, -7, 0, 33, 71] {
        // Whole samples: the earlier samples of the emission, as a ring.
        let late: Vec<Complex32> = (0..emission.len() as i32)
            .map(|n| emission[(n - delay).rem_euclid(emission.len() as i32) as usize])
            .collect();
        let made = made(&[Some(input(&late)), Some(input(&emission))]);
        // The lag is arrival at the first minus arrival at the second.
        let lag_s = f64::from(delay) / RATE_HZ;
        let expected = ((lag_s + longest_s) / (2.0 * longest_s) * PLANE_ROWS as f64).floor() as usize;
        let plane = made.plane(2);
        for column in 0..PLANE_COLUMNS {
            let at = |row: usize| plane[row * PLANE_COLUMNS + column];
            let highest = (0..PLANE_ROWS).max_by(|a, b| at(*a).total_cmp(&at(*b))).unwrap();
            // At lag 0 the peak lies on the edge of two bins, which both hold it.
            assert!(highest == expected || (delay == 0 && highest + 1 == expected), "{delay}, {column}: {highest}");
            // The share of the segment that both hold: 1 − |delay| / 6000, within the noise of 6000 samples.
            assert!((at(expected) - (1.0 - delay.abs() as f32 / 6000.0)).abs() < 0.02, "{delay}: {}", at(expected));
        }
    }
}

#[test]
fn later_starts_are_part_of_the_lag() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let emission = common::band_noise(&mut rng, 0.0, 50_000.0);
    // The second receiver began 1000 samples later, and says so: no lag.
    let second = ReceiverInput { start_s: 1000.0 / RATE_HZ, ..input(&emission[1000..]) };
    let made = made(&[Some(input(&emission)), Some(second)]);
    let column = 16;
    let peaks = [63, 64].map(|row: usize| made.plane(2)[row * PLANE_COLUMNS + column]);
    assert!(peaks.iter().all(|peak| *peak > 0.98), "{peaks:?}");
}

#[test]
fn a_missing_receiver_is_the_floor_and_its_pairs_are_zero() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let samples = noise(&mut rng, 0.01);
    let made = made(&[Some(input(&samples)), None, Some(input(&samples))]);
    assert_eq!(made.plane_count(), 6);
    assert!(made.plane(1).iter().all(|value| *value == -2.0));
    // Pairs 0–1, 0–2, 1–2.
    assert!(made.plane(3).iter().chain(made.plane(5)).all(|value| *value == 0.0));
    assert!(made.plane(4).iter().all(|value| *value > 0.0));
}

#[test]
fn pairs_without_a_common_clock_are_zero_and_their_levels_are_not() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let samples = noise(&mut rng, 0.01);
    let alone = ReceiverInput { common_clock: false, ..input(&samples) };
    let made = made(&[Some(input(&samples)), Some(alone), Some(input(&samples))]);
    assert!(made.plane(3).iter().chain(made.plane(5)).all(|value| *value == 0.0));
    assert!(made.plane(4).iter().any(|value| *value > 0.99));
    assert_eq!(made.plane(0), made.plane(1));
}

#[test]
fn columns_that_a_short_recording_does_not_reach_read_the_floor_and_zero() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let samples = noise(&mut rng, 0.01);
    let half = &samples[..96_000];
    let made = made(&[Some(input(half)), Some(input(half))]);
    for plane in 0..3 {
        let (rest, floor) = (17, if plane < 2 { -2.0 } else { 0.0 });
        let values = made.plane(plane);
        let column = |column: usize| (0..PLANE_ROWS).map(move |row| values[row * PLANE_COLUMNS + column]);
        assert!((rest..PLANE_COLUMNS).all(|index| column(index).all(|value| value == floor)), "plane {plane}");
        assert!((0..15).all(|index| column(index).all(|value| value != floor)), "plane {plane}");
    }
}

#[test]
fn lower_rates_have_planes_of_the_same_shape_and_level() {
    for rate_hz in [12_000.0, 48_000.0, 96_000.0] {
        let settings = FeatureSettings::for_rate(rate_hz).unwrap();
        assert_eq!(settings.sample_rate_hz(), rate_hz);
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let samples: Vec<Complex32> = noise(&mut rng, 0.1).into_iter().take(rate_hz as usize).collect();
        let heard = ReceiverInput { sample_rate_hz: rate_hz, ..input(&samples) };
        let made = planes(&constellation(2), &settings, &[Some(heard), Some(heard)]).unwrap();
        // Noise of −20 dB of full scale, −50 dBm over the whole rate; Hann's noise bandwidth is 1.5 bins. What lies
        // below half the lowest triangle and above the highest belongs to no band.
        let all: Vec<usize> = (0..PLANE_ROWS).collect();
        let mean_mw = (0..PLANE_COLUMNS).map(|column| power_mw(&made, 0, &all, column)).sum::<f64>() / 32.0;
        let level_dbm = 10.0 * mean_mw.log10();
        assert!((level_dbm - (-50.0 + 10.0 * 1.5f64.log10())).abs() < 0.3, "{rate_hz}: {level_dbm} dBm");
        assert!(made.plane(0).iter().all(|value| *value > -2.0));
        assert!((made.plane(2)[63 * PLANE_COLUMNS + 5] - 1.0).abs() < 1e-3);
    }
    assert_eq!(FeatureSettings::for_rate(2_000_000.0).unwrap(), FeatureSettings::default());
    assert!(matches!(FeatureSettings::for_rate(2_000.0), Err(Error::RateTooLow(_))));
    assert!(matches!(FeatureSettings::for_rate(f64::NAN), Err(Error::RateTooLow(_))));
}

#[test]
fn inputs_that_make_no_planes_are_refused_by_name() {
    let samples = vec![Complex32::new(0.1, 0.0); RATE_HZ as usize];
    let (pair, settings) = (constellation(2), FeatureSettings::default());
    let refused = |inputs: &[Option<ReceiverInput>]| planes(&pair, &settings, inputs).unwrap_err().to_string();
    let message = refused(&[Some(input(&samples))]);
    assert!(message.contains("1 recordings") && message.contains("2 receivers"), "{message}");
    let slow = ReceiverInput { sample_rate_hz: 12_000.0, ..input(&samples) };
    let message = refused(&[Some(input(&samples)), Some(slow)]);
    assert!(message.contains("12000") && message.contains("192000") && message.contains("receiver 1"), "{message}");
    for place in [0, 100_000, 191_999] {
        for broken in [f32::NAN, f32::INFINITY, 1e30] {
            let mut samples = samples.clone();
            samples[place] = Complex32::new(0.0, broken);
            // The power of 1e30 is not, but the window weighs the first sample with 0 and no frame holds the last.
            if broken == 1e30 && place != 100_000 {
                continue;
            }
            let message = refused(&[Some(input(&samples)), None]);
            assert!(message.contains("not finite") && message.contains("receiver 0"), "{broken} at {place}: {message}");
        }
    }
    let nowhen = ReceiverInput { start_s: f64::INFINITY, ..input(&samples) };
    assert!(refused(&[Some(nowhen), None]).contains("not finite"));
    let odd = ReceiverInput { full_scale_dbm: f64::NAN, ..input(&samples) };
    assert!(refused(&[Some(odd), None]).contains("not finite"));
}

#[test]
fn cached_planes_are_taken_only_whole_and_finite() {
    assert!(Planes::new(3, vec![0.0; 3 * 128 * 32]).is_ok());
    let message = Planes::new(3, vec![0.0; 4096]).unwrap_err().to_string();
    assert!(message.contains("4096 values") && message.contains("3 planes"), "{message}");
    let message = Planes::new(1, vec![f32::NAN; 4096]).unwrap_err().to_string();
    assert!(message.contains("not finite"), "{message}");
    assert!(Planes::new(usize::MAX, vec![]).is_err());
    assert!(Planes::new(1, vec![0.0; 4096]).unwrap().plane(1).is_empty());
}
