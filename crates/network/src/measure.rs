//! What can be read off the planes without learning: each receiver's level, and when the emission arrived there.

use burn::tensor::activation::softmax;
use burn::tensor::{Tensor, TensorData};

use crate::forward::{Graph, band_coordinates};
use crate::layout::{BANDS, MeasureIds};

/// Sharpness of the weights about a correlation peak, per unit of correlation.
pub(crate) const PEAK_SHARPNESS: f32 = 30.0;
/// Sharpness of the soft minimum over bands that tells the noise, per neper of density.
pub(crate) const NOISE_SHARPNESS: f32 = 2.0;
/// Least part of the power that is taken as the emission's, however much noise there seems to be.
pub(crate) const LEAST_SIGNAL: f32 = 0.02;
/// Height of a correlation peak above its plane's mean at which a receiver's arrival counts half. Noise alone reaches
/// 0.1; a peak of 0.3 has its place within a microsecond.
pub(crate) const HALF_HEIGHT: f32 = 0.2;
/// Steepness with which a plane counts as there: a thousandth above what it holds without its receiver.
pub(crate) const PRESENCE: f32 = 1000.0;
/// A peak's centre lies within this many of its widths from the middle of its weights.
pub(crate) const CENTRE_LIMIT: f32 = 1.5;
/// Keeps quotients finite where nothing was measured.
pub(crate) const TINY: f32 = 1e-6;
/// Added to the variance of the weights about a peak, in planes' half lengths squared: a bin's is 2e-5.
pub(crate) const LEAST_VARIANCE: f32 = 1e-9;
/// Least curvature of a correlation peak, in its own width.
pub(crate) const LEAST_CURVATURE: f32 = 1e-5;
/// What one unit of a correction stands for.
pub(crate) const LEVEL_STEP_DB: f32 = 1.0;
pub(crate) const ARRIVAL_STEP_US: f32 = 0.1;

/// Measurements (N, R), each with a weight that is 0 where there is none and about 1 where it is as good as usual.
pub(crate) struct Measures {
    /// Level above the planes' zero, dB.
    pub level_db: Tensor<2>,
    pub level_weight: Tensor<2>,
    /// Time of arrival, µs, up to a constant of the scene.
    pub arrival_us: Tensor<2>,
    pub arrival_weight: Tensor<2>,
}

impl Measures {
    /// (N, 4 R).
    pub fn flat(&self) -> Tensor<2> {
        let parts = [&self.level_db, &self.level_weight, &self.arrival_us, &self.arrival_weight];
        Tensor::cat(parts.map(Clone::clone).to_vec(), 1)
    }

    /// `adjustment` (N, 4 R): steps of level, logarithm of its weight's factor, the same of the arrival.
    pub fn adjusted(self, adjustment: Tensor<2>) -> Measures {
        let receivers = self.level_db.dims()[1];
        let part = |index: usize| adjustment.clone().narrow(1, index * receivers, receivers);
        Measures {
            level_db: self.level_db + part(0) * LEVEL_STEP_DB,
            level_weight: self.level_weight * part(1).exp(),
            arrival_us: self.arrival_us + part(2) * ARRIVAL_STEP_US,
            arrival_weight: self.arrival_weight * part(3).exp(),
        }
    }
}

impl Graph<'_> {
    /// Measures planes (N, C, 128, 32).
    pub fn measure(&self, planes: Tensor<4>, ids: MeasureIds) -> Measures {
        let receivers = self.config.receivers();
        let pairs = self.config.planes - receivers;
        let (level_db, level_weight) = self.levels(planes.clone().narrow(1, 0, receivers), ids);
        let (lag_us, height) = self.lags(planes.narrow(1, receivers, pairs), ids);
        let (arrival_us, arrival_weight) = self.arrivals(lag_us, height);
        Measures { level_db, level_weight, arrival_us, arrival_weight }
    }

    /// Power over all bands less that of white noise as dense as the quietest bands.
    fn levels(&self, mel: Tensor<4>, ids: MeasureIds) -> (Tensor<2>, Tensor<2>) {
        let [scenes, receivers, ..] = mel.dims();
        let floor = self.vector(ids.floor).reshape([1, 1]);
        let highest = mel.clone().max_dim(3).max_dim(2).reshape([scenes, receivers]);
        let there = ((highest - floor) * PRESENCE).clamp(0.0, 1.0);
        let nepers = self.vector(ids.decibels).reshape([1, 1, 1, 1]) * (std::f32::consts::LN_10 / 10.0);
        let power = (mel * nepers).exp().mean_dim(3).reshape([scenes, receivers, BANDS]);
        let noise = self.vector(ids.noise).reshape([1, 1, BANDS]);
        let dense = (power.clone().log() - noise.log()) * -NOISE_SHARPNESS;
        let most = dense.clone().max_dim(2);
        let softest = (dense - most.clone()).exp().mean_dim(2).log() + most;
        let noise = (softest / -NOISE_SHARPNESS).exp();
        let total = power.sum_dim(2);
        let least = total.clone() * LEAST_SIGNAL;
        // The larger of the two, written as operations that every runtime has.
        let signal = (total - noise - least.clone()).clamp_min(0.0) + least;
        let level_db = signal.log() * (10.0 / std::f32::consts::LN_10);
        (level_db.reshape([scenes, receivers]) * there.clone(), there)
    }

    /// Lag (N, pairs) of every pair in µs: the vertex of a parabola fitted to the correlation about its peak with soft
    /// weights. Beside it the peak's height above its plane's mean.
    fn lags(&self, correlograms: Tensor<4>, ids: MeasureIds) -> (Tensor<2>, Tensor<2>) {
        let [scenes, pairs, ..] = correlograms.dims();
        let profile = correlograms.mean_dim(3).reshape([scenes, pairs, BANDS]);
        let height = (profile.clone().max_dim(2) - profile.clone().mean_dim(2)).reshape([scenes, pairs]);
        let centres: Vec<f32> = bin_centres();
        let bins = Tensor::<1>::from_data(TensorData::new(centres, [BANDS]), &self.device).reshape([1, 1, BANDS]);
        let weights = softmax(profile.clone() * PEAK_SHARPNESS, 2);
        let moment = |values: Tensor<3>| (weights.clone() * values).sum_dim(2);
        let middle = moment(bins.clone().expand([scenes, pairs, BANDS]));
        let x = bins - middle.clone();
        let y = profile.clone() - moment(profile);
        let square = x.clone() * x.clone();
        let variance = moment(square.clone()) + LEAST_VARIANCE;
        let width = variance.clone().sqrt();
        let skew = moment(square.clone() * x.clone()) / (variance.clone() * width.clone());
        let kurtosis = moment(square.clone() * square.clone()) / (variance.clone() * variance.clone());
        let slope = moment(y.clone() * x) / width.clone();
        let bend = moment(y * square) / variance;
        // Normal equations of y = a₀ + a₁u + a₂u² in u = x / width, whose weighted mean is 0 and variance 1.
        let spread = kurtosis - skew.clone() * skew.clone() - 1.0 + TINY;
        let second = ((bend - skew.clone() * slope.clone()) / spread).clamp_max(-LEAST_CURVATURE);
        let first = slope - skew * second.clone();
        let vertex = (first / (second * -2.0)).clamp(-CENTRE_LIMIT, CENTRE_LIMIT);
        let lag = (middle + vertex * width).reshape([scenes, pairs]);
        (lag * self.vector(ids.half_lag).reshape([1, pairs]), height)
    }

    /// Arrivals from lags: least squares with the weight of a pair the product of its receivers' weights, whose normal
    /// equations are solved by the weighted mean of each receiver's lags.
    fn arrivals(&self, lag_us: Tensor<2>, height: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let receivers = self.config.receivers();
        let [scenes, pairs] = lag_us.dims();
        let table = |values: Tensor<2>, signed: bool| {
            let to_table = TensorData::new(pair_table(receivers, signed), [pairs, receivers * receivers]);
            let to_table = Tensor::<2>::from_data(to_table, &self.device);
            values.matmul(to_table).reshape([scenes, receivers, receivers])
        };
        let highest = table(height, false).max_dim(2).reshape([scenes, receivers]);
        let square = highest.clone() * highest;
        let fourth = square.clone() * square;
        let weight = fourth.clone() / (fourth + HALF_HEIGHT.powi(4));
        let lags = table(lag_us, true) * weight.clone().unsqueeze_dim::<3>(1);
        let total = weight.clone().sum_dim(1) + TINY;
        let arrival = lags.sum_dim(2).reshape([scenes, receivers]) / total;
        (arrival, weight)
    }
}

/// Middles of the lag bins, −1 … 1 between the plane's ends.
pub(crate) fn bin_centres() -> Vec<f32> {
    let ends = band_coordinates();
    let inner = (BANDS - 1) as f32 / BANDS as f32;
    ends.into_iter().map(|x| x * inner).collect()
}

/// (pairs, R·R): where in a table of receivers against receivers a pair stands, twice; its lag changes sign there.
pub(crate) fn pair_table(receivers: usize, signed: bool) -> Vec<f32> {
    let pairs: Vec<(usize, usize)> = (0..receivers).flat_map(|a| (a + 1..receivers).map(move |b| (a, b))).collect();
    let mut table = vec![0.0; pairs.len() * receivers * receivers];
    for (row, (a, b)) in table.chunks_exact_mut((receivers * receivers).max(1)).zip(pairs) {
        row[a * receivers + b] = 1.0;
        row[b * receivers + a] = if signed { -1.0 } else { 1.0 };
    }
    table
}
