//! Gaussian-process prediction of residual fields from scattered training places.
//!
//! All receivers are heard in each training scene and share an unknown offset in it (power, time of emission). With
//! equal and independent fields, the deviations from the receivers' mean are orthogonal contrasts with one covariance,
//! so one set of weights serves all receivers and the offset is marginalised exactly (Rasmussen & Williams 2006, ch. 2).
//! Each prediction is conditioned on the nearest training places only (nearest-neighbour kriging, Vecchia 1988).

use nalgebra::{Cholesky, DMatrix, DVector};

use crate::Covariance;

/// Training places that one prediction is conditioned on.
const NEIGHBOURS: usize = 40;
/// Side of the buckets in which neighbours are looked for.
const BUCKET_M: f64 = 2500.0;

/// A training place and each receiver's deviation from the mean of all receivers.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Where the transmitter was.
    pub east_north_m: [f64; 2],
    /// In any unit; the variances are its square.
    pub deviations: Vec<f64>,
}

/// Covariance of the residual fields.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    /// How it falls with distance.
    pub covariance: Covariance,
    /// Variance of the unpredictable part over that of the field.
    pub nugget: f64,
    /// Variance of the field.
    pub variance: f64,
}

/// Training samples by place.
pub struct Kriging<'a> {
    samples: &'a [Sample],
    across: i64,
    extent_m: f64,
    buckets: Vec<Vec<usize>>,
}

impl<'a> Kriging<'a> {
    /// Samples over a square of `extent_m` about the origin; places beyond it count to its edge.
    pub fn new(samples: &'a [Sample], extent_m: f64) -> Self {
        let across = (extent_m / BUCKET_M).ceil().max(1.0) as i64;
        let mut kriging = Self { samples, across, extent_m, buckets: vec![Vec::new(); (across * across) as usize] };
        for (index, sample) in samples.iter().enumerate() {
            let (column, row) = kriging.bucket(sample.east_north_m);
            if let Some(bucket) = kriging.buckets.get_mut((row * across + column) as usize) {
                bucket.push(index);
            }
        }
        kriging
    }

    fn bucket(&self, [east, north]: [f64; 2]) -> (i64, i64) {
        let index = |metres: f64| (((metres + self.extent_m / 2.0) / BUCKET_M) as i64).clamp(0, self.across - 1);
        (index(east), index(north))
    }

    /// Nearest samples with their distances; exact, since one more ring than needed is searched.
    fn nearest(&self, place: [f64; 2]) -> Vec<(f64, &'a Sample)> {
        let (column, row) = self.bucket(place);
        let mut found = Vec::new();
        let mut last = None;
        for ring in 0..self.across {
            for r in row - ring..=row + ring {
                let whole = (r - row).abs() == ring;
                let step = if whole || ring == 0 { 1 } else { 2 * ring };
                for c in (column - ring..=column + ring).step_by(step.max(1) as usize) {
                    let inside = (0..self.across).contains(&c) && (0..self.across).contains(&r);
                    let bucket = inside.then(|| self.buckets.get((r * self.across + c) as usize)).flatten();
                    for sample in bucket.into_iter().flatten().filter_map(|index| self.samples.get(*index)) {
                        let [x, y] = sample.east_north_m;
                        found.push(((x - place[0]).hypot(y - place[1]), sample));
                    }
                }
            }
            // What was found may be as far as a corner; nearer ones may still lie √2 times as many rings out.
            if last.is_none() && found.len() >= NEIGHBOURS {
                last = Some((std::f64::consts::SQRT_2 * (ring + 1) as f64).ceil() as i64);
            }
            if last.is_some_and(|last| ring >= last) {
                break;
            }
        }
        if found.len() > NEIGHBOURS {
            found.select_nth_unstable_by(NEIGHBOURS, |a, b| a.0.total_cmp(&b.0));
            found.truncate(NEIGHBOURS);
        }
        found
    }

    /// Predicted deviations of the receivers at a place, and the variance of each, nugget included.
    pub fn predict(&self, kernel: &Kernel, place: [f64; 2]) -> (Vec<f64>, f64) {
        let (mean, relative) = self.predict_relative(kernel, place);
        (mean, kernel.variance * relative)
    }

    /// As [`Self::predict`], the variance over the field's.
    fn predict_relative(&self, kernel: &Kernel, place: [f64; 2]) -> (Vec<f64>, f64) {
        let near = self.nearest(place);
        let receivers = near.first().map_or(0, |(_, sample)| sample.deviations.len());
        let correlation = |i: usize, j: usize| match (near.get(i), near.get(j)) {
            (Some((_, a)), Some((_, b))) => {
                let [[x, y], [u, v]] = [a.east_north_m, b.east_north_m];
                kernel.covariance.correlation((x - u).hypot(y - v)) + if i == j { kernel.nugget } else { 0.0 }
            }
            _ => 0.0,
        };
        let gram = DMatrix::from_fn(near.len(), near.len(), correlation);
        let to_place = DVector::from_iterator(near.len(), near.iter().map(|(d, _)| kernel.covariance.correlation(*d)));
        let Some(factor) = Cholesky::new(gram) else { return (vec![0.0; receivers], 1.0 + kernel.nugget) };
        let weights = factor.solve(&to_place);
        let mut mean = vec![0.0; receivers];
        for (weight, (_, sample)) in weights.iter().zip(&near) {
            mean.iter_mut().zip(&sample.deviations).for_each(|(mean, value)| *mean += weight * value);
        }
        (mean, (1.0 + kernel.nugget - weights.dot(&to_place)).max(1e-6))
    }

    /// The kernel that makes `validation` most likely; its variance follows in closed form.
    pub fn fit(&self, validation: &[Sample]) -> Kernel {
        let lengths = [1250.0, 2500.0, 5e3, 10e3, 15e3, 20e3, 30e3, 45e3];
        let nuggets = [0.003, 0.01, 0.03, 0.06, 0.1, 0.2, 0.4];
        let covariances = lengths.iter().flat_map(|length_m| {
            let length_m = *length_m;
            [Covariance::Exponential { length_m }, Covariance::Gaussian { length_m }]
        });
        let mut best = (f64::INFINITY, None);
        for covariance in covariances {
            for nugget in nuggets {
                let kernel = Kernel { covariance, nugget, variance: 1.0 };
                let (cost, variance) = self.cost(&kernel, validation);
                if cost < best.0 {
                    best = (cost, Some(Kernel { variance, ..kernel }));
                }
            }
        }
        let flat = Kernel { covariance: Covariance::Exponential { length_m: 1.0 }, nugget: 1.0, variance: 1.0 };
        best.1.unwrap_or(flat)
    }

    /// −log likelihood per contrast and the variance that minimises it.
    fn cost(&self, kernel: &Kernel, validation: &[Sample]) -> (f64, f64) {
        let (mut squares, mut logs, mut contrasts) = (0.0, 0.0, 0.0);
        for sample in validation {
            let (mean, relative) = self.predict_relative(kernel, sample.east_north_m);
            let free = sample.deviations.len() as f64 - 1.0;
            squares += sample.deviations.iter().zip(mean).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / relative;
            logs += free * relative.ln();
            contrasts += free;
        }
        let variance = squares / f64::max(contrasts, 1.0);
        (0.5 * (variance.ln() + logs / f64::max(contrasts, 1.0)), variance)
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::expect_used)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::StandardNormal;

    use super::*;

    const RECEIVERS: usize = 3;
    const EXTENT_M: f64 = 60e3;

    fn samples(count: usize, seed: u64) -> Vec<Sample> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut sample = || {
            let east_north_m = [(); 2].map(|()| (rng.random::<f64>() - 0.5) * EXTENT_M);
            let values = [(); RECEIVERS].map(|()| 3.0 * rng.sample::<f64, _>(StandardNormal));
            let mean = values.iter().sum::<f64>() / RECEIVERS as f64;
            Sample { east_north_m, deviations: values.iter().map(|value| value - mean).collect() }
        };
        (0..count).map(|_| sample()).collect()
    }

    fn kernel(covariance: Covariance) -> Kernel {
        Kernel { covariance, nugget: 0.1, variance: 1.0 }
    }

    /// Mean and variance of each receiver's deviation at `place` from the joint normal law of all receivers' residuals,
    /// with an offset per place of nearly flat prior.
    fn full_solve(samples: &[Sample], kernel: &Kernel, place: [f64; 2]) -> (Vec<f64>, f64) {
        const FLAT: f64 = 1e5;
        let correlation = |a: [f64; 2], b: [f64; 2]| kernel.covariance.correlation((a[0] - b[0]).hypot(a[1] - b[1]));
        let size = samples.len() * RECEIVERS;
        let joint = DMatrix::from_fn(size, size, |i, j| {
            let (a, b) = (i / RECEIVERS, j / RECEIVERS);
            let same_field = i % RECEIVERS == j % RECEIVERS;
            let field = if same_field { correlation(samples[a].east_north_m, samples[b].east_north_m) } else { 0.0 };
            field + if i == j { kernel.nugget } else { 0.0 } + if a == b { FLAT } else { 0.0 }
        });
        let inverse = joint.try_inverse().expect("positive definite");
        let measured =
            DVector::from_iterator(size, samples.iter().flat_map(|sample| sample.deviations.iter().copied()));
        // Deviation of receiver k from the mean, as a contrast of the fields at the place.
        let contrast = |k: usize, field: usize| f64::from(u8::from(k == field)) - 1.0 / RECEIVERS as f64;
        let to_measured = |k: usize| {
            DVector::from_fn(size, |i, _| {
                contrast(k, i % RECEIVERS) * correlation(samples[i / RECEIVERS].east_north_m, place)
            })
        };
        let means = (0..RECEIVERS).map(|k| to_measured(k).dot(&(&inverse * &measured))).collect();
        let prior = (1.0 - 1.0 / RECEIVERS as f64) * (1.0 + kernel.nugget);
        let variance = prior - to_measured(0).dot(&(&inverse * to_measured(0)));
        (means, variance / (1.0 - 1.0 / RECEIVERS as f64))
    }

    #[test]
    fn predictions_are_those_of_the_joint_normal_law_with_a_free_offset() {
        let samples = samples(25, 1);
        let kriging = Kriging::new(&samples, EXTENT_M);
        for covariance in [Covariance::Exponential { length_m: 12e3 }, Covariance::Gaussian { length_m: 8e3 }] {
            let kernel = kernel(covariance);
            for place in [[0.0, 0.0], [-25e3, 10e3], [29e3, 29e3], samples[3].east_north_m] {
                let (means, variance) = kriging.predict(&kernel, place);
                let (full_means, full_variance) = full_solve(&samples, &kernel, place);
                for (mean, full) in means.iter().zip(&full_means) {
                    assert!((mean - full).abs() < 1e-3, "{covariance:?} {place:?}: {mean} {full}");
                }
                assert!((variance - full_variance).abs() < 1e-3, "{covariance:?} {place:?}: {variance}");
            }
        }
    }

    #[test]
    fn neighbours_are_the_nearest_of_all() {
        let samples = samples(900, 2);
        let kriging = Kriging::new(&samples, EXTENT_M);
        for place in [[0.0, 0.0], [30e3, -30e3], [-12e3, 27e3], [40e3, 0.0]] {
            let distance =
                |sample: &Sample| (sample.east_north_m[0] - place[0]).hypot(sample.east_north_m[1] - place[1]);
            let mut all: Vec<f64> = samples.iter().map(distance).collect();
            all.sort_by(f64::total_cmp);
            let mut found: Vec<f64> = kriging.nearest(place).iter().map(|(distance, _)| *distance).collect();
            found.sort_by(f64::total_cmp);
            assert_eq!(found, all[..NEIGHBOURS]);
        }
    }
}
