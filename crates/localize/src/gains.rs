//! Gain offsets of receivers from emissions whose transmitters are known.
//!
//! Level of emission e at receiver r: L = P_e − 10·n·log₁₀(d/1 km) + g_r + ε. The powers P_e are unknown, the exponent n
//! is Gaussian beforehand, ε is shadowing and measurement. Least squares over all levels; only differences of gains
//! have a meaning, so their mean is zero, or one receiver's is. A Student distribution of ε keeps one wrong level from
//! moving the others (Lange, Little & Taylor 1989).

use serde::{Deserialize, Serialize};

/// Degrees of freedom of ε.
const STUDENT: f64 = 4.0;
const ROUNDS: usize = 40;
/// With fewer degrees of freedom the scatter of the residuals says too little to narrow the stated one.
const ENOUGH_FREEDOM: f64 = 8.0;
/// Nearer than this the log-distance law says nothing.
const LEAST_DISTANCE_M: f64 = 10.0;

/// A level of a known transmitter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GainReading {
    /// Index of the emission.
    pub emission: usize,
    /// Index of the receiver.
    pub receiver: usize,
    /// From the transmitter to the receiver.
    pub distance_m: f64,
    /// Level, dB in a unit that is the same for all levels of a receiver.
    pub level_db: f64,
    /// 1 σ of its measurement.
    pub sigma_db: f64,
}

/// What is known of the paths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GainModel {
    /// Mean path-loss exponent.
    pub exponent_mean: f64,
    /// Its 1 σ.
    pub exponent_sigma: f64,
    /// 1 σ of the shadowing, dB.
    pub shadowing_db: f64,
}

/// A receiver's gain offset.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gain {
    /// Its levels are too high by this, dB.
    pub offset_db: f64,
    /// 1 σ.
    pub sigma_db: f64,
    /// Levels that it rests on.
    pub readings: usize,
}

/// Gains of all receivers.
#[derive(Clone, Debug, PartialEq)]
pub struct Gains {
    /// By receiver; none for one without a level.
    pub gains: Vec<Option<Gain>>,
    /// Path-loss exponent that fits best.
    pub exponent: f64,
    /// 1 σ of shadowing and measurement as the residuals show it, dB.
    pub scatter_db: f64,
    /// Readings that hardly count, because they contradict the others.
    pub contradicted: Vec<usize>,
}

/// Why there are no gains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoGains {
    /// There is no level at all.
    #[error("There is no level of a known transmitter.")]
    NoLevels,
    /// A group of receivers shares no emission with the rest.
    #[error(
        "Receiver {0} shares no emission with receiver {1}, not even by way of others: their gains cannot be compared."
    )]
    Apart(usize, usize),
    /// The receiver whose gain is to be zero has no level.
    #[error("The receiver whose gain is to be zero heard no known transmitter.")]
    FixedUnheard,
}

/// Gains of `receivers` receivers; their mean is zero, or that of `fixed`.
///
/// # Errors
/// [`NoGains`] where they cannot be compared.
pub fn estimate_gains(
    readings: &[GainReading],
    receivers: usize,
    model: GainModel,
    fixed: Option<usize>,
) -> Result<Gains, NoGains> {
    let emissions = readings.iter().map(|reading| reading.emission + 1).max().ok_or(NoGains::NoLevels)?;
    let heard: Vec<usize> =
        (0..receivers).filter(|receiver| readings.iter().any(|reading| reading.receiver == *receiver)).collect();
    connected(readings, &heard)?;
    if fixed.is_some_and(|fixed| !heard.contains(&fixed)) {
        return Err(NoGains::FixedUnheard);
    }
    // Unknowns: gains of those heard, powers, deviation of the exponent.
    let size = heard.len() + emissions + 1;
    let slot = |receiver: usize| heard.iter().position(|known| *known == receiver).unwrap_or(0);
    let log_distance = |reading: &GainReading| 10.0 * (reading.distance_m.max(LEAST_DISTANCE_M) / 1e3).log10();
    let row = |reading: &GainReading| {
        [(slot(reading.receiver), 1.0), (heard.len() + reading.emission, 1.0), (size - 1, -log_distance(reading))]
    };
    let observed = |reading: &GainReading| reading.level_db + model.exponent_mean * log_distance(reading);
    let stated = |reading: &GainReading| model.shadowing_db.hypot(reading.sigma_db).max(1e-3);
    let used_emissions = (0..emissions).filter(|e| readings.iter().any(|reading| reading.emission == *e)).count();
    let freedom = readings.len() as f64 - (heard.len() + used_emissions) as f64 + 1.0;
    let mut shares = vec![1.0; readings.len()];
    // Inverse of the normal equations and their right side, for weights of the readings.
    let normal_equations = |weights: &[f64]| {
        let mut normal = vec![vec![0.0; size]; size];
        let mut right = vec![0.0; size];
        for (reading, weight) in readings.iter().zip(weights) {
            for (i, a) in row(reading) {
                right[i] += weight * a * observed(reading);
                for (j, b) in row(reading) {
                    normal[i][j] += weight * a * b;
                }
            }
        }
        // All gains up and all powers down is the same: any weight on the gains' sum picks one.
        for line in normal.iter_mut().take(heard.len()) {
            line.iter_mut().take(heard.len()).for_each(|entry| *entry += 1.0);
        }
        // An emission that nobody heard has no power.
        for (index, line) in normal.iter_mut().enumerate().skip(heard.len()).take(emissions) {
            line[index] += 1e-9;
        }
        normal[size - 1][size - 1] += model.exponent_sigma.max(1e-6).powi(-2);
        (invert(normal), right)
    };
    let mut solution = vec![0.0; size];
    let mut residuals = vec![0.0; readings.len()];
    let mut scale = 1.0;
    for _ in 0..ROUNDS {
        let weights: Vec<f64> =
            readings.iter().zip(&shares).map(|(reading, share)| share / (scale * stated(reading)).powi(2)).collect();
        let (inverse, right) = normal_equations(&weights);
        for (value, line) in solution.iter_mut().zip(&inverse) {
            *value = line.iter().zip(&right).map(|(a, b)| a * b).sum();
        }
        for (residual, reading) in residuals.iter_mut().zip(readings) {
            let predicted: f64 = row(reading).iter().map(|(i, a)| a * solution[*i]).sum();
            *residual = (observed(reading) - predicted) / stated(reading);
        }
        let squares: f64 = residuals.iter().zip(&shares).map(|(residual, share)| share * residual * residual).sum();
        let scatter = if freedom >= 1.0 { (squares / freedom).sqrt() } else { 1.0 };
        scale = if freedom >= ENOUGH_FREEDOM { scatter.max(0.1) } else { scatter.max(1.0) };
        for (share, residual) in shares.iter_mut().zip(&residuals) {
            *share = (STUDENT + 1.0) / (STUDENT + (residual / scale).powi(2));
        }
    }
    let variance_scale = variance_scale(&residuals, scale, freedom);
    let weights: Vec<f64> = readings.iter().map(|reading| stated(reading).powi(-2) / variance_scale).collect();
    let (inverse, _) = normal_equations(&weights);
    let mean = match fixed {
        Some(fixed) => solution[slot(fixed)],
        None => solution.iter().take(heard.len()).sum::<f64>() / heard.len() as f64,
    };
    // Variance of g_i − (the gains' mean, or the fixed one).
    let others = |i: usize| -> Vec<f64> {
        let uniform = 1.0 / heard.len() as f64;
        (0..heard.len())
            .map(|j| f64::from(u8::from(i == j)) - fixed.map_or(uniform, |f| f64::from(u8::from(slot(f) == j))))
            .collect()
    };
    let variance = |i: usize| -> f64 {
        let weights = others(i);
        let entry = |(a, wa): (usize, &f64)| -> f64 {
            wa * weights.iter().enumerate().map(|(b, wb)| inverse[a][b] * wb).sum::<f64>()
        };
        weights.iter().enumerate().map(entry).sum()
    };
    let gain = |receiver: usize| {
        let i = heard.iter().position(|known| *known == receiver)?;
        let count = readings.iter().filter(|reading| reading.receiver == receiver).count();
        Some(Gain { offset_db: solution[i] - mean, sigma_db: variance(i).max(0.0).sqrt(), readings: count })
    };
    let typical = readings.iter().map(stated).sum::<f64>() / readings.len() as f64;
    Ok(Gains {
        gains: (0..receivers).map(gain).collect(),
        exponent: model.exponent_mean + solution[size - 1],
        scatter_db: variance_scale.sqrt() * typical,
        // Beyond 4 σ.
        contradicted: shares
            .iter()
            .enumerate()
            .filter(|(_, share)| **share < (STUDENT + 1.0) / (STUDENT + 16.0))
            .map(|(index, _)| index)
            .collect(),
    })
}

/// Variance of one reading over its stated one, as the errors of the estimate show it: with ψ(u) = u·(ν+1)/(ν+u²),
/// s²·K²·mean(ψ²)/mean(ψ′)², K = 1 + (p/n)·var(ψ′)/mean(ψ′)² (Huber 1973).
fn variance_scale(residuals: &[f64], scale: f64, freedom: f64) -> f64 {
    if freedom < 1.0 {
        return 1.0;
    }
    let count = residuals.len() as f64;
    let scaled = || residuals.iter().map(|residual| residual / scale);
    let influence = |u: f64| u * (STUDENT + 1.0) / (STUDENT + u * u);
    let slope = |u: f64| (STUDENT + 1.0) * (STUDENT - u * u) / (STUDENT + u * u).powi(2);
    let squares: f64 = scaled().map(|u| influence(u).powi(2)).sum();
    let mean: f64 = scaled().map(slope).sum::<f64>() / count;
    let variance: f64 = scaled().map(|u| (slope(u) - mean).powi(2)).sum::<f64>() / count;
    let correction = 1.0 + (1.0 - freedom / count) * variance / (mean * mean);
    // The fit bends towards the readings, so the shares of those it passes close by come out too large: by Monte Carlo
    // (tests/gains.rs) the variance is low by p/n still.
    let fitted = 2.0 - freedom / count;
    let found = (scale * correction / mean.max(0.1)).powi(2) * fitted * squares / freedom;
    if freedom >= ENOUGH_FREEDOM { found } else { found.max(1.0) }
}

/// Fails where the receivers fall into groups without a common emission.
fn connected(readings: &[GainReading], heard: &[usize]) -> Result<(), NoGains> {
    let Some(first) = heard.first() else { return Err(NoGains::NoLevels) };
    let mut group = vec![*first];
    loop {
        let emissions: Vec<usize> = readings
            .iter()
            .filter(|reading| group.contains(&reading.receiver))
            .map(|reading| reading.emission)
            .collect();
        let joins =
            |reading: &&GainReading| emissions.contains(&reading.emission) && !group.contains(&reading.receiver);
        match readings.iter().find(joins) {
            Some(reading) => group.push(reading.receiver),
            None => break,
        }
    }
    heard.iter().find(|receiver| !group.contains(receiver)).map_or(Ok(()), |apart| Err(NoGains::Apart(*apart, *first)))
}

/// Inverse by elimination with pivots; of a positive matrix here.
fn invert(mut matrix: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let size = matrix.len();
    for (i, row) in matrix.iter_mut().enumerate() {
        row.extend((0..size).map(|j| if i == j { 1.0 } else { 0.0 }));
    }
    for column in 0..size {
        let pivot = (column..size).max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs()));
        matrix.swap(column, pivot.unwrap_or(column));
        let lead = matrix[column][column];
        matrix[column].iter_mut().for_each(|value| *value /= lead);
        let line = matrix[column].clone();
        for (_, row) in matrix.iter_mut().enumerate().filter(|(index, _)| *index != column) {
            let factor = row[column];
            row.iter_mut().zip(&line).for_each(|(value, own)| *value -= factor * own);
        }
    }
    matrix.into_iter().map(|row| row.into_iter().skip(size).collect()).collect()
}
