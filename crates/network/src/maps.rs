//! The place head's maps, from scenes whose transmitters are known.
//!
//! Levels follow a log-distance law with one exponent; what is left, and the delay beyond the direct path, are fields
//! fixed in space that kriging predicts at every cell. A scene must not be learned from with maps that were made from
//! it, so training uses maps of its own for each fold of blocks; the network keeps those of all scenes.

use burn::tensor::Device;
use heimdall_fields::{Covariance, Kernel, Kriging, Sample};

use crate::data::{PLANE_LEN, TrainingSet};
use crate::error::NetworkError;
use crate::forward::Graph;
use crate::gradient::{Workers, numbers};
use crate::layout::{EndIds, Id, MEASURES, MapIds, MeasureIds, Pair};
use crate::place::{KM_PER_US, cell_centres};
use crate::weights::LocalizationNet;

/// Parts that the training blocks are divided into.
pub(crate) const FOLDS: usize = 5;
/// Scenes of one pass.
const CHUNK: usize = 32;
/// Receivers nearer than this to a transmitter hear no more, metres.
const NEAREST_M: f64 = 100.0;
/// Root mean square distance of a place from its cell's centre over the cell's side.
const TO_CENTRE: f64 = 0.408;
/// Fewer complete scenes than this make no map.
const LEAST_SCENES: usize = 20;

/// Values of some parameters instead of the network's own.
pub(crate) type Replaced = Vec<(Id, Vec<f32>)>;

/// What one scene's receivers measured; weights below a half count as nothing.
struct Measured {
    place_m: [f64; 2],
    block: u64,
    level_db: Vec<Option<f64>>,
    arrival_us: Vec<Option<f64>>,
}

/// The fold that a block's scenes are in.
pub(crate) fn fold(block: u64) -> usize {
    // Fibonacci hashing: neighbouring blocks fall into different folds.
    (block.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % FOLDS
}

impl LocalizationNet {
    /// Sets every statistic of the head from the set, and returns what each fold trains with. A run that `begins` also
    /// takes from it how much the levels of each receiver count.
    pub(crate) fn fit(
        &mut self,
        set: &TrainingSet,
        training: &[usize],
        validation: &[usize],
        workers: &Workers,
        begins: bool,
    ) -> Result<Vec<Replaced>, NetworkError> {
        let Some(ids) = self.layout.head.measure() else { return Ok(Vec::new()) };
        self.fit_axes(set, ids);
        match self.layout.head.end {
            EndIds::Linear { .. } => Ok(Vec::new()),
            EndIds::Measured { statistics, .. } => {
                self.fit_normalisation(set, training, statistics, workers)?;
                Ok(Vec::new())
            }
            EndIds::Place { place, .. } => {
                let header = set.header();
                let km = |metres: f64| (metres / 1000.0) as f32;
                self.put(place.receivers, header.receivers_enu_m.iter().flatten().map(|x| km(*x)));
                self.put(place.half_extent, [km(header.extent_m / 2.0)]);
                self.put(place.scale, [km(header.scale_m)]);
                let training = self.measured(set, training, workers)?;
                let validation = self.measured(set, validation, workers)?;
                let fit = Fit::new(set, &training, &validation, self.config.cells)?;
                self.put(place.common, fit.law.common.map(|x| x as f32));
                for (id, values) in fit.maps(place.maps, &training, None) {
                    self.put(id, values);
                }
                if begins {
                    let receivers = self.config.receivers();
                    let weights = fit.level_weights(&training, &validation);
                    let range = self.layout.entries[place.adjust.bias].range();
                    let own = self.values[range].iter_mut().skip(receivers).take(receivers);
                    own.zip(weights).for_each(|(value, weight)| *value = weight);
                }
                let folds: Vec<usize> = (0..FOLDS).collect();
                let made = workers.map(&folds, |folds| {
                    Ok(folds.iter().map(|fold| fit.maps(place.maps, &training, Some(*fold))).collect::<Vec<_>>())
                })?;
                Ok(made.into_iter().flatten().collect())
            }
        }
    }

    fn put(&mut self, id: Id, values: impl IntoIterator<Item = f32>) {
        let range = self.layout.entries[id].range();
        self.values[range].iter_mut().zip(values).for_each(|(value, new)| *value = new);
    }

    fn fit_axes(&mut self, set: &TrainingSet, ids: MeasureIds) {
        let header = set.header();
        self.put(ids.noise, header.noise_share.iter().copied());
        self.put(ids.half_lag, header.lag_span_s.iter().map(|span| (span * 1e6) as f32));
        self.put(ids.floor, [header.mel_floor]);
        self.put(ids.decibels, [header.decibels_per_unit]);
    }

    /// Mean and inverse deviation of the measurements of `scenes`, from receivers that have them.
    fn fit_normalisation(
        &mut self,
        set: &TrainingSet,
        scenes: &[usize],
        statistics: Pair,
        workers: &Workers,
    ) -> Result<(), NetworkError> {
        let receivers = self.config.receivers();
        let mut moments = vec![(0.0f64, 0.0f64, 0.0f64); MEASURES * receivers];
        for row in self.measure_scenes(set, scenes, workers)? {
            for (index, value) in row.iter().map(|x| f64::from(*x)).enumerate() {
                // A weight stands behind its measurement, and says of itself whether it counts.
                let weight = row[((index / receivers) | 1) * receivers + index % receivers];
                if weight > 0.5 || (index / receivers) % 2 == 1 {
                    let (count, sum, squares) = &mut moments[index];
                    (*count, *sum, *squares) = (*count + 1.0, *sum + value, *squares + value * value);
                }
            }
        }
        let mean = |&(count, sum, _): &(f64, f64, f64)| if count > 0.0 { sum / count } else { 0.0 };
        let inverse = |moment: &(f64, f64, f64)| {
            let variance = (moment.2 / moment.0.max(1.0) - mean(moment).powi(2)).max(0.0);
            // What never changes says nothing: it is shifted, not blown up.
            if variance.sqrt() > 1e-3 { 1.0 / variance.sqrt() } else { 1.0 }
        };
        self.put(statistics.weight, moments.iter().map(|moment| mean(moment) as f32).collect::<Vec<_>>());
        self.put(statistics.bias, moments.iter().map(|moment| inverse(moment) as f32).collect::<Vec<_>>());
        Ok(())
    }

    /// (4 R) uncorrected measurements of each scene.
    fn measure_scenes(
        &self,
        set: &TrainingSet,
        scenes: &[usize],
        workers: &Workers,
    ) -> Result<Vec<Vec<f32>>, NetworkError> {
        let Some(ids) = self.layout.head.measure() else { return Ok(Vec::new()) };
        let (channels, width) = (self.config.planes, MEASURES * self.config.receivers());
        let device = Device::flex();
        let made = workers.map(scenes, |part| {
            let graph = Graph::new(&self.config, &self.layout, &self.values, &[], None, device.clone());
            let mut rows = Vec::with_capacity(part.len());
            for chunk in part.chunks(CHUNK) {
                let mut planes = vec![0.0; chunk.len() * channels * PLANE_LEN];
                for (scene, planes) in chunk.iter().zip(planes.chunks_exact_mut(channels * PLANE_LEN)) {
                    set.read(*scene, planes)?;
                }
                let flat = graph.measure(graph.planes(planes), ids).flat();
                rows.extend(numbers(flat.into_data())?.chunks_exact(width).map(<[f32]>::to_vec));
            }
            Ok(rows)
        })?;
        Ok(made.concat())
    }

    fn measured(&self, set: &TrainingSet, scenes: &[usize], workers: &Workers) -> Result<Vec<Measured>, NetworkError> {
        let receivers = self.config.receivers();
        let rows = self.measure_scenes(set, scenes, workers)?;
        let scene = |(scene, row): (&usize, Vec<f32>)| {
            let label = &set.labels()[*scene];
            let cue = |index: usize| -> Vec<Option<f64>> {
                let (values, weights) = row[index * receivers..].split_at(receivers);
                let there = |(value, weight): (&f32, &f32)| (*weight > 0.5).then_some(f64::from(*value));
                values.iter().zip(weights).map(there).collect()
            };
            Measured { place_m: label.target_enu_m, block: label.block, level_db: cue(0), arrival_us: cue(2) }
        };
        Ok(scenes.iter().zip(rows).map(scene).collect())
    }
}

/// Level = common − 10 n log₁₀ d + residual field.
struct Law {
    exponent: f64,
    /// Mean and variance of the common part, dB and dB².
    common: [f64; 2],
}

/// Laws and kernels, fitted once; maps follow from them and a choice of scenes.
struct Fit {
    receivers_m: Vec<[f64; 2]>,
    extent_m: f64,
    cells: usize,
    law: Law,
    level: Kernel,
    /// Receivers with arrivals, and the kernel of their excess delays; none without a shared clock.
    arrival: Option<(Vec<usize>, Kernel)>,
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let count = values.clone().count().max(1) as f64;
    values.sum::<f64>() / count
}

/// −10 log₁₀ of the distance in km.
fn slope_db(receiver: [f64; 2], place: [f64; 2]) -> f64 {
    -10.0 * (distance_m(receiver, place).max(NEAREST_M) / 1000.0).log10()
}

fn distance_m(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Deviations of what every one of `receivers` has from their mean; `None` where one has nothing.
fn deviations(place: [f64; 2], values: &[Option<f64>], receivers: &[usize]) -> Option<Sample> {
    let complete: Vec<f64> = receivers.iter().map(|r| values[*r]).collect::<Option<_>>()?;
    let centre = mean(complete.iter().copied());
    Some(Sample { east_north_m: place, deviations: complete.into_iter().map(|value| value - centre).collect() })
}

impl Fit {
    fn new(
        set: &TrainingSet,
        training: &[Measured],
        validation: &[Measured],
        cells: usize,
    ) -> Result<Fit, NetworkError> {
        let header = set.header();
        let receivers_m = header.receivers_enu_m.clone();
        let law = Law::fit(training, &receivers_m);
        let flat = Kernel { covariance: Covariance::Exponential { length_m: 1.0 }, nugget: 1.0, variance: 1.0 };
        let mut fit = Fit { receivers_m, extent_m: header.extent_m, cells, law, level: flat, arrival: None };
        let levels = fit.level_samples(training, None);
        if levels.len() < LEAST_SCENES {
            let reason = format!("only {} of its training scenes were heard by every receiver", levels.len());
            let advice = "the place head needs 20 of them: add scenes, or choose the head `measured`";
            let reason = format!("{reason}; {advice}");
            return Err(NetworkError::DataSet { reason, path: set.folder().to_path_buf() });
        }
        fit.level = Kriging::new(&levels, fit.extent_m).fit(&fit.level_samples(validation, None));
        let count = header.receivers.len();
        let has = |receiver: &usize| training.iter().any(|scene| scene.arrival_us[*receiver].is_some());
        let timed: Vec<usize> = (0..count).filter(has).collect();
        let arrivals = fit.arrival_samples(training, &timed, None);
        if timed.len() >= 2 && arrivals.len() >= LEAST_SCENES {
            let kernel = Kriging::new(&arrivals, fit.extent_m).fit(&fit.arrival_samples(validation, &timed, None));
            fit.arrival = Some((timed, kernel));
        }
        Ok(fit)
    }

    /// Scenes outside of the fold.
    fn chosen(scenes: &[Measured], without: Option<usize>) -> impl Iterator<Item = &Measured> {
        scenes.iter().filter(move |scene| without != Some(fold(scene.block)))
    }

    fn level_samples(&self, scenes: &[Measured], without: Option<usize>) -> Vec<Sample> {
        let all: Vec<usize> = (0..self.receivers_m.len()).collect();
        let sample = |scene: &Measured| {
            let law = |(level, receiver): (&Option<f64>, &[f64; 2])| {
                level.map(|level| level - self.law.exponent * slope_db(*receiver, scene.place_m))
            };
            let residuals: Vec<_> = scene.level_db.iter().zip(&self.receivers_m).map(law).collect();
            deviations(scene.place_m, &residuals, &all)
        };
        Self::chosen(scenes, without).filter_map(sample).collect()
    }

    /// Logarithm of each receiver's precision over the precision of all, from how well maps of the training scenes predict
    /// its levels in the validation scenes: behind a ridge a receiver's levels are wilder than on a plain.
    fn level_weights(&self, training: &[Measured], validation: &[Measured]) -> Vec<f32> {
        let (known, asked) = (self.level_samples(training, None), self.level_samples(validation, None));
        let kriging = Kriging::new(&known, self.extent_m);
        let count = self.receivers_m.len() as f64;
        let mut squares = vec![0.0; self.receivers_m.len()];
        for sample in &asked {
            let (expected, variance) = kriging.predict(&self.level, sample.east_north_m);
            for (square, (expected, found)) in squares.iter_mut().zip(expected.iter().zip(&sample.deviations)) {
                *square += (found - expected).powi(2) / variance / asked.len() as f64;
            }
        }
        // Deviations from the receivers' mean have (1 − 2/R) of their own variance and 1/R of the mean one.
        let all = mean(squares.iter().copied()) / (1.0 - 1.0 / count);
        let own = |square: &f64| (square - all / count) / (1.0 - 2.0 / count).max(0.1);
        let logs: Vec<f64> = squares.iter().map(|square| -(own(square) / all).clamp(0.1, 10.0).ln()).collect();
        let middle = mean(logs.iter().copied());
        logs.into_iter().map(|log| if log.is_finite() { (log - middle) as f32 } else { 0.0 }).collect()
    }

    fn arrival_samples(&self, scenes: &[Measured], timed: &[usize], without: Option<usize>) -> Vec<Sample> {
        let sample = |scene: &Measured| {
            let excess = |(arrival, receiver): (&Option<f64>, &[f64; 2])| {
                arrival.map(|arrival| arrival - direct_us(*receiver, scene.place_m))
            };
            let excess: Vec<_> = scene.arrival_us.iter().zip(&self.receivers_m).map(excess).collect();
            deviations(scene.place_m, &excess, timed)
        };
        Self::chosen(scenes, without).filter_map(sample).collect()
    }

    /// The head's maps, from all scenes but a fold's.
    fn maps(&self, ids: MapIds, training: &[Measured], without: Option<usize>) -> Replaced {
        let count = self.receivers_m.len();
        let half_m = self.extent_m / 2.0;
        let centres: Vec<[f64; 2]> = cell_centres(self.cells)
            .chunks_exact(2)
            .map(|c| [f64::from(c[0]) * half_m, f64::from(c[1]) * half_m])
            .collect();
        let samples = self.level_samples(training, without);
        let (mut level, mut level_variance) = (Vec::new(), Vec::new());
        let within = self.within_cell(&self.level);
        let kriging = Kriging::new(&samples, self.extent_m);
        for centre in &centres {
            let (field, variance) = kriging.predict(&self.level, *centre);
            let law = self.receivers_m.iter().map(|receiver| self.law.exponent * slope_db(*receiver, *centre));
            level.extend(law.zip(field).map(|(law, field)| (law + field) as f32));
            level_variance.push((variance + within) as f32);
        }
        let mut replaced = vec![(ids.level, level), (ids.level_variance, level_variance)];
        if let Some((timed, kernel)) = &self.arrival {
            let samples = self.arrival_samples(training, timed, without);
            let kriging = Kriging::new(&samples, self.extent_m);
            let (mut excess, mut excess_variance) = (vec![0.0; centres.len() * count], Vec::new());
            for (centre, row) in centres.iter().zip(excess.chunks_exact_mut(count)) {
                let (field, variance) = kriging.predict(kernel, *centre);
                timed.iter().zip(field).for_each(|(receiver, field)| row[*receiver] = field as f32);
                excess_variance.push(variance as f32);
            }
            replaced.extend([(ids.excess, excess), (ids.excess_variance, excess_variance)]);
        }
        replaced
    }

    /// Variance between a cell's centre and a place in it.
    fn within_cell(&self, kernel: &Kernel) -> f64 {
        let apart_m = TO_CENTRE * self.extent_m / self.cells as f64;
        kernel.variance * (1.0 - kernel.covariance.correlation(apart_m))
    }
}

fn direct_us(receiver: [f64; 2], place: [f64; 2]) -> f64 {
    distance_m(receiver, place) / 1000.0 / f64::from(KM_PER_US)
}

impl Law {
    /// Least squares on differences between receivers, so that each scene's power is free.
    fn fit(training: &[Measured], receivers_m: &[[f64; 2]]) -> Law {
        let pairs = |scene: &Measured| -> Vec<(f64, f64)> {
            let heard = scene.level_db.iter().zip(receivers_m);
            heard.filter_map(|(level, receiver)| Some((slope_db(*receiver, scene.place_m), (*level)?))).collect()
        };
        let (mut xx, mut xy) = (0.0, 0.0);
        for pairs in training.iter().map(pairs) {
            let (x, y) = (mean(pairs.iter().map(|pair| pair.0)), mean(pairs.iter().map(|pair| pair.1)));
            for (slope, level) in &pairs {
                xx += (slope - x) * (slope - x);
                xy += (slope - x) * (level - y);
            }
        }
        let exponent = if xx > 0.0 { xy / xx } else { 2.0 };
        let offsets: Vec<f64> = (training.iter().map(pairs).filter(|pairs| !pairs.is_empty()))
            .map(|pairs| mean(pairs.iter().map(|(slope, level)| level - exponent * slope)))
            .collect();
        let centre = mean(offsets.iter().copied());
        let variance = mean(offsets.iter().map(|offset| (offset - centre).powi(2))).max(0.01);
        Law { exponent, common: [centre, variance] }
    }
}

/// Cell of a square of `extent_m` about the origin that a place lies in, or the nearest.
pub(crate) fn cell_of(place_m: [f64; 2], extent_m: f64, cells: usize) -> usize {
    let index = |metres: f64| (((metres / extent_m + 0.5) * cells as f64) as usize).min(cells - 1);
    index(place_m[1]) * cells + index(place_m[0])
}
