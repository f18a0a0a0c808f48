//! `crate::place`, operation for operation. What depends on no scene is computed here and stored.

use super::graph::Value;
use super::head::Scales;
use super::measure::Measures;
use super::network::Writer;
use crate::layout::{Id, PlaceIds};
use crate::measure::TINY;
use crate::place::{KM_PER_US, NEAREST_KM2, READING_WIDTH, SHARPEST, SPREAD_OF_CELL, STEPS, cell_centres};

const ENDLESS: f32 = 1e30;

/// Residuals' sums by cell.
struct Residuals {
    count: Value,
    mean: Value,
    scatter: Value,
}

/// (N, 3) symmetric matrices, column by column.
type Symmetric = [Value; 3];

impl Writer<'_> {
    pub(super) fn place(&mut self, measures: &Measures, ids: PlaceIds, scales: Scales) {
        let half_km = self.number_of(ids.half_extent);
        let count = self.net.config.cells;
        let side_km = half_km * 2.0 / count as f32;
        let cells: Vec<f32> = cell_centres(count).into_iter().map(|x| x * half_km).collect();
        let logits = self.log_density(measures, ids, &cells, side_km);
        let density = self.log_softmax(&logits);
        let probability = self.of("Exp", &density);
        let (first, covariance) = self.moments(&probability, &cells, side_km);
        let information = self.inverse(&covariance);
        let (place, information) = self.refine(measures, ids, side_km, first, information);
        let spread = self.inverse(&information);
        let factor = self.cholesky(&spread);
        let scale_km = self.number_of(ids.scale);
        let deviation = self.number_of(ids.deviation).exp() / scale_km;
        let factor = self.scale(&factor, deviation);
        let floor = self.graph.vector("deviation_floor", &[3], &[SHARPEST, 0.0, SHARPEST]);
        let factor = self.add(&factor, &floor);
        let position = self.concat(&[&place[0], &place[1]]);
        let position = self.scale(&position, 1.0 / scale_km);
        self.outputs(&position, &factor, scales);
        let tempered = self.scale(&density, 1.0 / scales.density);
        let tempered = self.log_softmax(&tempered);
        let shape = self.graph.list(&[0, count as i64, count as i64]);
        self.graph.add_as("density", "Reshape", &[&tempered, &shape], &[]);
    }

    fn number_of(&self, id: Id) -> f32 {
        self.values(id).2[0]
    }

    fn log_softmax(&mut self, x: &str) -> Value {
        let largest = self.largest(x, 1, 1);
        let below = self.sub(x, &largest);
        let exponents = self.of("Exp", &below);
        let sum = self.sum(&exponents);
        let log = self.of("Log", &sum);
        self.sub(&below, &log)
    }

    /// (1, G, R) map under a name.
    fn map(&mut self, name: &str, rows: &[f32]) -> Value {
        let receivers = self.net.config.receivers();
        self.graph.vector(name, &[1, rows.len() / receivers, receivers], rows)
    }

    fn row(&mut self, name: &str, values: &[f32]) -> Value {
        self.graph.vector(name, &[1, values.len()], values)
    }

    fn log_density(&mut self, measures: &Measures, ids: PlaceIds, cells: &[f32], side_km: f32) -> Value {
        let (_, _, common) = self.values(ids.common);
        let (_, _, level) = self.values(ids.maps.level);
        let (_, _, level_variance) = self.values(ids.maps.level_variance);
        let map = self.map("level_map", level);
        let values = self.shift(&measures.level_db, -common[0]);
        let found = self.residuals(&values, &measures.level_weight, &map);
        let variance = self.row("level_variance", level_variance);
        let logs: Vec<f32> = level_variance.iter().map(|v| v.ln()).collect();
        let log_variance = self.row("level_log_variance", &logs);
        let count = self.shift(&found.count, TINY);
        let offset = self.div(&variance, &count);
        let offset = self.shift(&offset, common[1]);
        let mean_squared = self.square(&found.mean);
        let (by_offset, log_offset) = (self.div(&mean_squared, &offset), self.of("Log", &offset));
        let by_mean = self.add(&by_offset, &log_offset);
        let heard = self.clip(&found.count, -ENDLESS, 1.0);
        let by_mean = self.mul(&by_mean, &heard);
        let by_level = self.by_scatter(&found, &variance, &log_variance);
        let by_level = self.add(&by_level, &by_mean);
        let sharpness = self.number_of(ids.sharpness).exp();
        let by_level = self.scale(&by_level, sharpness);
        let (_, _, receivers) = self.values(ids.receivers);
        let (_, _, excess) = self.values(ids.maps.excess);
        let (_, _, excess_variance) = self.values(ids.maps.excess_variance);
        let apart = side_km * (SPREAD_OF_CELL / KM_PER_US);
        let spread: Vec<f32> = excess_variance.iter().map(|v| v + apart * apart).collect();
        let distance = |cell: &[f32]| {
            let from = |receiver: &[f32]| {
                let (east, north) = (cell[0] - receiver[0], cell[1] - receiver[1]);
                (east * east + north * north + NEAREST_KM2).sqrt()
            };
            receivers.chunks_exact(2).map(from).collect::<Vec<f32>>()
        };
        let delays: Vec<f32> = (cells.chunks_exact(2).flat_map(distance).zip(excess))
            .map(|(distance, excess)| distance / KM_PER_US + excess)
            .collect();
        let map = self.map("arrival_map", &delays);
        let timed = self.residuals(&measures.arrival_us, &measures.arrival_weight, &map);
        let variance = self.row("arrival_variance", &spread);
        let logs: Vec<f32> = spread.iter().map(|v| v.ln()).collect();
        let log_variance = self.row("arrival_log_variance", &logs);
        let by_time = self.by_scatter(&timed, &variance, &log_variance);
        let both = self.add(&by_level, &by_time);
        self.scale(&both, -0.5)
    }

    fn by_scatter(&mut self, found: &Residuals, variance: &str, log_variance: &str) -> Value {
        let free = self.shift(&found.count, -1.0);
        let free = self.clip(&free, 0.0, ENDLESS);
        let scatter = self.div(&found.scatter, variance);
        let size = self.mul(log_variance, &free);
        self.add(&scatter, &size)
    }

    fn residuals(&mut self, values: &str, weights: &str, map: &str) -> Residuals {
        let receivers = self.net.config.receivers() as i64;
        let cells = (self.net.config.cells * self.net.config.cells) as i64;
        let count = self.sum(weights);
        let values = self.reshape(values, &[0, 1, receivers]);
        let weights = self.reshape(weights, &[0, 1, receivers]);
        let off = self.sub(&values, map);
        let weighted = self.mul(&off, &weights);
        let sum = self.sum(&weighted);
        let by = self.shift(&count, TINY);
        let by = self.reshape(&by, &[0, 1, 1]);
        let mean = self.div(&sum, &by);
        let apart = self.sub(&off, &mean);
        let square = self.square(&apart);
        let weighted = self.mul(&square, &weights);
        let scatter = self.sum(&weighted);
        let (mean, scatter) = (self.reshape(&mean, &[0, cells]), self.reshape(&scatter, &[0, cells]));
        Residuals { count, mean, scatter }
    }

    fn moments(&mut self, probability: &str, cells: &[f32], side_km: f32) -> ([Value; 2], Symmetric) {
        let axes = [0, 1].map(|axis| {
            let own: Vec<f32> = cells.iter().skip(axis).step_by(2).copied().collect();
            self.row(["cells_east", "cells_north"][axis], &own)
        });
        let mean = [0, 1].map(|axis| {
            let weighted = self.mul(probability, &axes[axis]);
            self.sum(&weighted)
        });
        let apart = [0, 1].map(|axis| self.sub(&axes[axis], &mean[axis]));
        let within = (side_km * SPREAD_OF_CELL).powi(2);
        let covariance = [(0, 0, within), (0, 1, 0.0), (1, 1, within)].map(|(a, b, within)| {
            let product = self.mul(&apart[a], &apart[b]);
            let product = self.mul(&product, probability);
            let average = self.sum(&product);
            self.shift(&average, within)
        });
        (mean, covariance)
    }

    fn refine(
        &mut self,
        measures: &Measures,
        ids: PlaceIds,
        side_km: f32,
        first: [Value; 2],
        information: Symmetric,
    ) -> ([Value; 2], Symmetric) {
        let count = self.net.config.receivers();
        let (_, _, receivers) = self.values(ids.receivers);
        let (_, _, excess) = self.values(ids.maps.excess);
        let (_, _, variance) = self.values(ids.maps.excess_variance);
        let axes = [0, 1].map(|axis| {
            let own = |all: &[f32]| all.iter().skip(axis).step_by(2).copied().collect::<Vec<f32>>();
            let name = ["east", "north"][axis];
            // The cells were stored for the moments.
            let receivers = self.row(&format!("receivers_{name}"), &own(receivers));
            (receivers, format!("cells_{name}"))
        });
        let excess = self.graph.vector("excess", &[excess.len() / count, count], excess);
        let variance = self.graph.vector("excess_variance", &[variance.len(), 1], variance);
        let weight = &measures.arrival_weight;
        let total = self.sum(weight);
        let total = self.shift(&total, TINY);
        let centred = |this: &mut Self, values: &str| {
            let weighted = this.mul(values, weight);
            let sum = this.sum(&weighted);
            let mean = this.div(&sum, &total);
            this.sub(values, &mean)
        };
        let (mut place, mut sum) = (first.clone(), information.clone());
        for _ in 0..STEPS {
            let squares = [0, 1].map(|axis| {
                let apart = self.sub(&place[axis], &axes[axis].1);
                let apart = self.scale(&apart, 1.0 / (side_km * READING_WIDTH));
                self.square(&apart)
            });
            let squares = self.add(&squares[0], &squares[1]);
            let nearness = self.scale(&squares, -0.5);
            let reading = self.softmax(&nearness);
            let expected = self.matmul(&reading, &excess);
            let spread = self.matmul(&reading, &variance);
            let share = self.div(weight, &spread);
            let apart = [0, 1].map(|axis| self.sub(&place[axis], &axes[axis].0));
            let squares = [0, 1].map(|axis| self.square(&apart[axis]));
            let square = self.add(&squares[0], &squares[1]);
            let square = self.shift(&square, NEAREST_KM2);
            let distance = self.of("Sqrt", &square);
            let direct = self.scale(&distance, 1.0 / KM_PER_US);
            let residual = self.sub(&measures.arrival_us, &direct);
            let residual = self.sub(&residual, &expected);
            let residual = centred(self, &residual);
            let slopes = [0, 1].map(|axis| {
                let unit = self.div(&apart[axis], &distance);
                let slope = self.scale(&unit, 1.0 / KM_PER_US);
                centred(self, &slope)
            });
            let sums = |this: &mut Self, a: &str, b: &str| {
                let product = this.mul(a, b);
                let product = this.mul(&product, &share);
                this.sum(&product)
            };
            sum = [(0, 0), (0, 1), (1, 1)].map(|(a, b)| sums(self, &slopes[a], &slopes[b]));
            sum = std::array::from_fn(|index| self.add(&sum[index], &information[index]));
            let back = [0, 1].map(|axis| self.sub(&first[axis], &place[axis]));
            let right = [0, 1].map(|axis| {
                let pulled = self.product(&information, &back, axis);
                let by_time = sums(self, &slopes[axis], &residual);
                self.add(&by_time, &pulled)
            });
            let inverse = self.inverse(&sum);
            place = std::array::from_fn(|axis| {
                let step = self.product(&inverse, &right, axis);
                self.add(&place[axis], &step)
            });
        }
        (place, sum)
    }

    /// A row of a symmetric matrix times a vector.
    fn product(&mut self, matrix: &Symmetric, vector: &[Value; 2], axis: usize) -> Value {
        let own = self.mul(&matrix[2 * axis], &vector[axis]);
        let other = self.mul(&matrix[1], &vector[1 - axis]);
        self.add(&own, &other)
    }

    fn inverse(&mut self, matrix: &Symmetric) -> Symmetric {
        let product = self.mul(&matrix[0], &matrix[2]);
        let cross = self.square(&matrix[1]);
        let determinant = self.sub(&product, &cross);
        let determinant = self.clip(&determinant, 1e-12, ENDLESS);
        let minus = self.of("Neg", &matrix[1]);
        [matrix[2].clone(), minus, matrix[0].clone()].map(|part| self.div(&part, &determinant))
    }

    fn cholesky(&mut self, matrix: &Symmetric) -> Value {
        let first = self.of("Sqrt", &matrix[0]);
        let cross = self.div(&matrix[1], &first);
        let square = self.square(&cross);
        let last = self.sub(&matrix[2], &square);
        let last = self.clip(&last, 1e-10, ENDLESS);
        let last = self.of("Sqrt", &last);
        self.concat(&[&first, &cross, &last])
    }
}
