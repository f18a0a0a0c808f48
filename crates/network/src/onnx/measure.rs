//! `crate::measure`, operation for operation.

use super::graph::Value;
use super::network::Writer;
use crate::layout::{BANDS, MeasureIds};
use crate::measure::{
    ARRIVAL_STEP_US, CENTRE_LIMIT, HALF_HEIGHT, LEAST_CURVATURE, LEAST_SIGNAL, LEAST_VARIANCE, LEVEL_STEP_DB,
    NOISE_SHARPNESS, PEAK_SHARPNESS, PRESENCE, TINY, bin_centres, pair_table,
};

/// Largest number that a bound of one side takes.
const ENDLESS: f32 = 1e30;

/// Names of (N, R) values.
pub(super) struct Measures {
    pub level_db: Value,
    pub level_weight: Value,
    pub arrival_us: Value,
    pub arrival_weight: Value,
}

impl Measures {
    pub fn each(&self) -> [&str; 4] {
        [&self.level_db, &self.level_weight, &self.arrival_us, &self.arrival_weight]
    }
}

impl Writer<'_> {
    pub(super) fn measure(&mut self, ids: MeasureIds) -> Measures {
        let (level_db, level_weight) = self.levels(ids);
        let (lag_us, height) = self.lags(ids);
        let (arrival_us, arrival_weight) = self.arrivals(&lag_us, &height);
        Measures { level_db, level_weight, arrival_us, arrival_weight }
    }

    pub(super) fn adjusted(&mut self, measures: &Measures, adjustment: &str) -> Measures {
        let receivers = self.net.config.receivers() as i64;
        let part = |this: &mut Self, index: i64| this.part(adjustment, 1, index * receivers, (index + 1) * receivers);
        let moved = |this: &mut Self, value: &str, index: i64, step: f32| {
            let part = part(this, index);
            let by = this.scale(&part, step);
            this.add(value, &by)
        };
        let weighted = |this: &mut Self, value: &str, index: i64| {
            let part = part(this, index);
            let factor = this.of("Exp", &part);
            this.mul(value, &factor)
        };
        Measures {
            level_db: moved(self, &measures.level_db, 0, LEVEL_STEP_DB),
            level_weight: weighted(self, &measures.level_weight, 1),
            arrival_us: moved(self, &measures.arrival_us, 2, ARRIVAL_STEP_US),
            arrival_weight: weighted(self, &measures.arrival_weight, 3),
        }
    }

    fn levels(&mut self, ids: MeasureIds) -> (Value, Value) {
        let receivers = self.net.config.receivers() as i64;
        let mel = self.part("planes", 1, 0, receivers);
        let highest = self.largest(&mel, 3, 0);
        let highest = self.largest(&highest, 2, 0);
        let floor = self.vector(ids.floor);
        let above = self.sub(&highest, &floor);
        let above = self.scale(&above, PRESENCE);
        let there = self.clip(&above, 0.0, 1.0);
        let decibels = self.vector(ids.decibels);
        let nepers = self.scale(&decibels, std::f32::consts::LN_10 / 10.0);
        let nepers = self.mul(&mel, &nepers);
        let power = self.of("Exp", &nepers);
        let power = self.mean(&power, &[3], 0);
        let noise = self.vector(ids.noise);
        let (log, log_noise) = (self.of("Log", &power), self.of("Log", &noise));
        let dense = self.sub(&log, &log_noise);
        let dense = self.scale(&dense, -NOISE_SHARPNESS);
        let most = self.largest(&dense, 2, 1);
        let below = self.sub(&dense, &most);
        let below = self.of("Exp", &below);
        let below = self.mean(&below, &[2], 1);
        let below = self.of("Log", &below);
        let softest = self.add(&below, &most);
        let softest = self.scale(&softest, -1.0 / NOISE_SHARPNESS);
        let noise = self.of("Exp", &softest);
        let total = self.sum(&power);
        let least = self.scale(&total, LEAST_SIGNAL);
        let signal = self.sub(&total, &noise);
        let signal = self.sub(&signal, &least);
        let signal = self.clip(&signal, 0.0, ENDLESS);
        let signal = self.add(&signal, &least);
        let level = self.of("Log", &signal);
        let level = self.scale(&level, 10.0 / std::f32::consts::LN_10);
        let level = self.reshape(&level, &[0, receivers]);
        (self.mul(&level, &there), there)
    }

    fn lags(&mut self, ids: MeasureIds) -> (Value, Value) {
        let (receivers, planes) = (self.net.config.receivers() as i64, self.net.config.planes as i64);
        let pairs = planes - receivers;
        let correlograms = self.part("planes", 1, receivers, planes);
        let profile = self.mean(&correlograms, &[3], 0);
        let (highest, average) = (self.largest(&profile, 2, 0), self.mean(&profile, &[2], 0));
        let height = self.sub(&highest, &average);
        let bins = self.graph.vector("lag_bins", &[1, 1, BANDS], &bin_centres());
        let sharp = self.scale(&profile, PEAK_SHARPNESS);
        let weights = self.softmax(&sharp);
        let moment = |this: &mut Self, values: &str| {
            let weighted = this.mul(&weights, values);
            this.sum(&weighted)
        };
        let middle = moment(self, &bins);
        let x = self.sub(&bins, &middle);
        let mean = moment(self, &profile);
        let y = self.sub(&profile, &mean);
        let square = self.square(&x);
        let variance = moment(self, &square);
        let variance = self.shift(&variance, LEAST_VARIANCE);
        let width = self.of("Sqrt", &variance);
        let cube = self.mul(&square, &x);
        let third = moment(self, &cube);
        let by = self.mul(&variance, &width);
        let skew = self.div(&third, &by);
        let fourth = self.square(&square);
        let fourth = moment(self, &fourth);
        let by = self.square(&variance);
        let kurtosis = self.div(&fourth, &by);
        let product = self.mul(&y, &x);
        let slope = moment(self, &product);
        let slope = self.div(&slope, &width);
        let product = self.mul(&y, &square);
        let bend = moment(self, &product);
        let bend = self.div(&bend, &variance);
        let skew_squared = self.square(&skew);
        let spread = self.sub(&kurtosis, &skew_squared);
        let spread = self.shift(&spread, TINY - 1.0);
        let slanted = self.mul(&skew, &slope);
        let second = self.sub(&bend, &slanted);
        let second = self.div(&second, &spread);
        let second = self.clip(&second, -ENDLESS, -LEAST_CURVATURE);
        let slanted = self.mul(&skew, &second);
        let first = self.sub(&slope, &slanted);
        let twice = self.scale(&second, -2.0);
        let vertex = self.div(&first, &twice);
        let vertex = self.clip(&vertex, -CENTRE_LIMIT, CENTRE_LIMIT);
        let off = self.mul(&vertex, &width);
        let lag = self.add(&middle, &off);
        let lag = self.reshape(&lag, &[0, pairs]);
        let half = self.vector(ids.half_lag);
        (self.mul(&lag, &half), height)
    }

    fn arrivals(&mut self, lag_us: &str, height: &str) -> (Value, Value) {
        let receivers = self.net.config.receivers();
        let pairs = self.net.config.planes - receivers;
        let table = |this: &mut Self, values: &str, name: &str, signed: bool| {
            let shape = [pairs, receivers * receivers];
            let to_table = this.graph.vector(name, &shape, &pair_table(receivers, signed));
            let flat = this.matmul(values, &to_table);
            this.reshape(&flat, &[0, receivers as i64, receivers as i64])
        };
        let heights = table(self, height, "pairs_to_table", false);
        let highest = self.largest(&heights, 2, 0);
        let square = self.square(&highest);
        let fourth = self.square(&square);
        let by = self.shift(&fourth, HALF_HEIGHT.powi(4));
        let weight = self.div(&fourth, &by);
        let lags = table(self, lag_us, "pairs_to_lags", true);
        let across = self.reshape(&weight, &[0, 1, receivers as i64]);
        let lags = self.mul(&lags, &across);
        let sum = self.sum(&lags);
        let sum = self.reshape(&sum, &[0, receivers as i64]);
        let total = self.sum(&weight);
        let total = self.shift(&total, TINY);
        (self.div(&sum, &total), weight)
    }
}
