//! The head that forms a posterior over places.
//!
//! Levels and arrivals are compared with what maps expect of them from every cell of a square; what the receivers have
//! in common (power, time of emission) is marginalised in closed form. The cells' probabilities give mean and
//! covariance. Where receivers share a clock a few Gauss–Newton steps then find the place between the cells.

use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::{Tensor, TensorData};

use crate::forward::{Graph, Output};
use crate::layout::PlaceIds;
use crate::measure::{Measures, TINY};

/// Kilometres that a wave travels in a microsecond.
pub(crate) const KM_PER_US: f32 = 0.299_792_46;
/// Added to the factor's diagonal, in units of the scale: arrivals can be a hundred times as sharp as what the other
/// heads' floor allows.
pub(crate) const SHARPEST: f32 = 1e-5;
/// Gauss–Newton steps.
pub(crate) const STEPS: usize = 4;
/// Added to squared distances, km²: a place at a receiver has a direction too.
pub(crate) const NEAREST_KM2: f32 = 1e-4;
/// Places in a cell differ from its centre by this much in range (one σ, over its side): 1/√12 over each axis.
pub(crate) const SPREAD_OF_CELL: f32 = 0.288_675_13;
/// Width of the weights with which maps are read between cells, over the cells' side.
pub(crate) const READING_WIDTH: f32 = 0.6;

/// Sums of weighted residuals of each cell (N, G).
struct Residuals {
    /// Σ weights, (N, 1).
    count: Tensor<2>,
    mean: Tensor<2>,
    /// Σ weight · (residual − mean)².
    scatter: Tensor<2>,
}

impl Graph<'_> {
    /// The answer to corrected measurements.
    pub fn place(&self, measures: Measures, ids: PlaceIds) -> Output {
        let half_km = self.vector(ids.half_extent);
        let cells = self.cells(half_km.clone());
        let side_km = half_km * (2.0 / self.config.cells as f32);
        let density = log_softmax(self.log_density(&measures, ids, &cells, &side_km), 1);
        let (mean, covariance) = moments(density.clone().exp(), &cells, &side_km);
        let (position, information) = self.refine(&measures, ids, &cells, &side_km, mean, inverse(covariance));
        let spread = inverse(information);
        let deviation = self.vector(ids.deviation).exp().reshape([1, 1]);
        let scale = self.vector(ids.scale).reshape([1, 1]);
        let factor = cholesky(spread) * deviation / scale.clone() + floor(&self.device);
        Output { position: position / scale, factor, density: Some(density) }
    }

    /// (G, 2) centres of the cells, km; row by row from the south, each from the west.
    fn cells(&self, half_km: Tensor<1>) -> Tensor<2> {
        let data = TensorData::new(cell_centres(self.config.cells), [self.config.cells * self.config.cells, 2]);
        Tensor::<2>::from_data(data, &self.device) * half_km.reshape([1, 1])
    }

    fn receivers_km(&self, ids: PlaceIds) -> Tensor<2> {
        self.vector(ids.receivers).reshape([self.config.receivers(), 2])
    }

    /// (G, R) matrix and (1, G) variance of a cue.
    fn map(&self, values: usize, variance: usize) -> (Tensor<2>, Tensor<2>) {
        let cells = self.config.cells * self.config.cells;
        (self.vector(values).reshape([cells, self.config.receivers()]), self.vector(variance).reshape([1, cells]))
    }

    fn log_density(&self, measures: &Measures, ids: PlaceIds, cells: &Tensor<2>, side_km: &Tensor<1>) -> Tensor<2> {
        let common = self.vector(ids.common);
        let (expected, spread) = (common.clone().narrow(0, 0, 1), common.narrow(0, 1, 1));
        let (map, variance) = self.map(ids.maps.level, ids.maps.level_variance);
        let levels = measures.level_db.clone() - expected.reshape([1, 1]);
        let found = residuals(levels, measures.level_weight.clone(), map);
        // The common part is normal: its own variance and that of the mean residual.
        let offset = variance.clone() / (found.count.clone() + TINY) + spread.reshape([1, 1]);
        let by_mean = found.mean.clone() * found.mean.clone() / offset.clone() + offset.log();
        let heard = found.count.clone().clamp_max(1.0);
        let by_level = by_scatter(&found, variance) + by_mean * heard;
        let sharpness = self.vector(ids.sharpness).exp().reshape([1, 1]);
        let (excess, variance) = self.map(ids.maps.excess, ids.maps.excess_variance);
        let apart = side_km.clone() * (SPREAD_OF_CELL / KM_PER_US);
        let variance = variance + (apart.clone() * apart).reshape([1, 1]);
        let expected = distances(cells, &self.receivers_km(ids)) / KM_PER_US + excess;
        let timed = residuals(measures.arrival_us.clone(), measures.arrival_weight.clone(), expected);
        (by_level * sharpness + by_scatter(&timed, variance)) * -0.5
    }

    /// From a first position (N, 2) km with its information (N, 3) per km² to the place where the arrivals fit best.
    fn refine(
        &self,
        measures: &Measures,
        ids: PlaceIds,
        cells: &Tensor<2>,
        side_km: &Tensor<1>,
        first: Tensor<2>,
        information: Tensor<2>,
    ) -> (Tensor<2>, Tensor<2>) {
        let receivers = self.receivers_km(ids);
        let (excess, variance) = self.map(ids.maps.excess, ids.maps.excess_variance);
        let variance = variance.transpose();
        let weight = &measures.arrival_weight;
        let total = weight.clone().sum_dim(1) + TINY;
        let centred = |values: Tensor<2>| {
            let mean = (values.clone() * weight.clone()).sum_dim(1) / total.clone();
            values - mean
        };
        let column = |tensor: &Tensor<2>, index: usize| tensor.clone().narrow(1, index, 1);
        let (mut place, mut sum) = (first.clone(), information.clone());
        for _ in 0..STEPS {
            let reading = softmax(nearness(&place.clone().detach(), cells, side_km), 1);
            let expected = reading.clone().matmul(excess.clone());
            let share = weight.clone() / reading.matmul(variance.clone());
            let apart = |axis: usize| column(&place, axis) - column(&receivers, axis).transpose();
            let (east, north) = (apart(0), apart(1));
            let distance = (east.clone() * east.clone() + north.clone() * north.clone() + NEAREST_KM2).sqrt();
            let residual = centred(measures.arrival_us.clone() - distance.clone() / KM_PER_US - expected);
            let east = centred(east / distance.clone() / KM_PER_US);
            let north = centred(north / distance / KM_PER_US);
            let sums = |a: &Tensor<2>, b: &Tensor<2>| (a.clone() * b.clone() * share.clone()).sum_dim(1);
            sum = Tensor::cat(vec![sums(&east, &east), sums(&east, &north), sums(&north, &north)], 1)
                + information.clone();
            let back = first.clone() - place.clone();
            let pull = |own: usize, other: usize| {
                column(&information, own) * column(&back, own.min(1)) + column(&information, 1) * column(&back, other)
            };
            let right = [sums(&east, &residual) + pull(0, 1), sums(&north, &residual) + pull(2, 0)];
            let inverse = inverse(sum.clone());
            let step = |own: usize, axis: usize| {
                column(&inverse, own) * right[axis].clone() + column(&inverse, 1) * right[1 - axis].clone()
            };
            place = place + Tensor::cat(vec![step(0, 0), step(2, 1)], 1);
        }
        (place, sum)
    }
}

/// −½ of it is the log-likelihood of what differs between receivers.
fn by_scatter(found: &Residuals, variance: Tensor<2>) -> Tensor<2> {
    let free = (found.count.clone() - 1.0).clamp_min(0.0);
    found.scatter.clone() / variance.clone() + variance.log() * free
}

/// Residuals of `values` (N, R) with `weights` against each row of `map` (G, R). Cells come last: sums over receivers
/// are then sums of long rows.
fn residuals(values: Tensor<2>, weights: Tensor<2>, map: Tensor<2>) -> Residuals {
    let [scenes, receivers] = values.dims();
    let cells = map.dims()[0];
    let across = |tensor: Tensor<2>| tensor.reshape([scenes, receivers, 1]);
    let off = across(values) - map.transpose().reshape([1, receivers, cells]);
    let count = weights.clone().sum_dim(1);
    let weights = across(weights);
    let mean = (off.clone() * weights.clone()).sum_dim(1) / (count.clone() + TINY).reshape([scenes, 1, 1]);
    let apart = off - mean.clone();
    let scatter = (apart.clone() * apart * weights).sum_dim(1);
    Residuals { count, mean: mean.reshape([scenes, cells]), scatter: scatter.reshape([scenes, cells]) }
}

/// (G, R) distances, km.
fn distances(cells: &Tensor<2>, receivers: &Tensor<2>) -> Tensor<2> {
    let apart = |axis: usize| cells.clone().narrow(1, axis, 1) - receivers.clone().narrow(1, axis, 1).transpose();
    let (east, north) = (apart(0), apart(1));
    (east.clone() * east + north.clone() * north + NEAREST_KM2).sqrt()
}

/// (N, G) logarithm of the weight with which each cell is read for a place.
fn nearness(place: &Tensor<2>, cells: &Tensor<2>, side_km: &Tensor<1>) -> Tensor<2> {
    let apart = |axis: usize| {
        let side = side_km.clone().reshape([1, 1]) * READING_WIDTH;
        (place.clone().narrow(1, axis, 1) - cells.clone().narrow(1, axis, 1).transpose()) / side
    };
    let (east, north) = (apart(0), apart(1));
    (east.clone() * east + north.clone() * north) * -0.5
}

/// Mean (N, 2) km and covariance (N, 3) km² of probabilities (N, G).
fn moments(probability: Tensor<2>, cells: &Tensor<2>, side_km: &Tensor<1>) -> (Tensor<2>, Tensor<2>) {
    let mean = probability.clone().matmul(cells.clone());
    // About the mean: squares of coordinates would lose half of their digits.
    let apart = |axis: usize| cells.clone().narrow(1, axis, 1).transpose() - mean.clone().narrow(1, axis, 1);
    let (east, north) = (apart(0), apart(1));
    let average = |a: &Tensor<2>, b: &Tensor<2>| (a.clone() * b.clone() * probability.clone()).sum_dim(1);
    // Within its cell a place is anywhere.
    let within = side_km.clone() * SPREAD_OF_CELL;
    let within = (within.clone() * within).reshape([1, 1]);
    let columns = [average(&east, &east) + within.clone(), average(&east, &north), average(&north, &north) + within];
    (mean, Tensor::cat(columns.to_vec(), 1))
}

/// Inverse of symmetric matrices (N, 3): east-east, east-north, north-north.
fn inverse(matrix: Tensor<2>) -> Tensor<2> {
    let column = |index: usize| matrix.clone().narrow(1, index, 1);
    let determinant = (column(0) * column(2) - column(1) * column(1)).clamp_min(1e-12);
    Tensor::cat(vec![column(2), -column(1), column(0)], 1) / determinant
}

/// Lower triangle (N, 3) of the Cholesky factor of symmetric matrices.
fn cholesky(matrix: Tensor<2>) -> Tensor<2> {
    let column = |index: usize| matrix.clone().narrow(1, index, 1);
    let first = column(0).sqrt();
    let cross = column(1) / first.clone();
    let last = (column(2) - cross.clone() * cross.clone()).clamp_min(1e-10).sqrt();
    Tensor::cat(vec![first, cross, last], 1)
}

/// (1, 3) added to the factor's diagonal.
fn floor(device: &burn::tensor::Device) -> Tensor<2> {
    Tensor::<2>::from_data(TensorData::new(vec![SHARPEST, 0.0, SHARPEST], [1, 3]), device)
}

/// (G, 2) centres of cells over −1 … 1.
pub(crate) fn cell_centres(count: usize) -> Vec<f32> {
    let at = |index: usize| (2 * index + 1) as f32 / count as f32 - 1.0;
    (0..count * count).flat_map(|cell| [at(cell % count), at(cell / count)]).collect()
}
