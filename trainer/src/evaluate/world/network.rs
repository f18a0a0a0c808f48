//! A published network among the methods, run as the page runs it: recordings, planes, the ONNX file.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, ensure};
use heimdall_model::{Answer, DensityCard, ModelCard, ONNX_FILE};
use heimdall_runtime::Localizer;
use heimdall_simulate::world::{Fields, Observation, Split};

use super::estimate::{Cell, Estimate};
use crate::heard::Contract;
use crate::parallel;

/// What a network says of scenes, by the place of their transmitter.
pub(crate) struct Network {
    answers: HashMap<[u64; 2], Answer>,
    density: Option<DensityCard>,
    /// From the constellation's origin to the world's, metres.
    shift_m: [f64; 2],
    /// Of planes and answer of one scene, the median.
    pub(crate) time_s: f64,
}

fn key(observation: &Observation) -> [u64; 2] {
    observation.truth.east_north_m.map(f64::to_bits)
}

/// Receivers that heard nothing.
fn silent(observation: &Observation) -> Vec<usize> {
    let levels = observation.level_dbm.iter().enumerate();
    levels.filter(|(_, level)| level.is_none()).map(|(receiver, _)| receiver).collect()
}

impl Network {
    /// Reads the network in `folder` and has it answer the scenes of both parts, numbered from 0. Receivers that an
    /// observation lacks are missing from the planes too.
    pub(crate) fn read(
        folder: &Path,
        fields: &Fields,
        validation: &[Observation],
        test: &[Observation],
    ) -> anyhow::Result<Self> {
        let read = |name: &str| {
            std::fs::read(folder.join(name)).with_context(|| format!("cannot read {}", folder.join(name).display()))
        };
        let card = ModelCard::parse(&read("metadata.json")?)?;
        let localizer = Localizer::load(&card, &read(ONNX_FILE)?)?;
        let contract = Contract::of(fields.world())?;
        let hash = contract.settings.hash(&contract.constellation)?;
        ensure!(hash == card.feature_hash, "the network hears other planes than the world makes: {}", folder.display());
        let scenes: Vec<(Split, usize, &Observation)> = [(Split::Validation, validation), (Split::Test, test)]
            .into_iter()
            .flat_map(|(split, scenes)| scenes.iter().enumerate().map(move |(index, scene)| (split, index, scene)))
            .collect();
        let made = parallel::map(scenes.len(), |number| -> anyhow::Result<_> {
            let (split, index, scene) = *scenes.get(number).context("a scene")?;
            let start = Instant::now();
            let (planes, _) = contract.hear(fields, split, index, &silent(scene))?;
            let heard = start.elapsed().as_secs_f64();
            let answer = localizer.answer(&planes)?;
            Ok((key(scene), answer, start.elapsed().as_secs_f64() - heard))
        });
        let (mut answers, mut times) = (HashMap::new(), Vec::new());
        for result in made {
            let (place, answer, time_s) = result?;
            answers.insert(place, answer);
            times.push(time_s);
        }
        times.sort_by(f64::total_cmp);
        let time_s = times.get(times.len() / 2).copied().unwrap_or_default();
        let shift_m = fields.world().plane().east_north_m(contract.constellation.origin);
        Ok(Self { answers, density: card.density, shift_m, time_s })
    }

    fn answer(&self, observation: &Observation) -> Option<(&Answer, [f64; 2])> {
        let answer = self.answers.get(&key(observation))?;
        let [east, north] = answer.position_enu_m;
        Some((answer, [east + self.shift_m[0], north + self.shift_m[1]]))
    }

    /// Its answer in the form that all methods are scored by.
    pub(crate) fn estimate(&self, observation: &Observation) -> Estimate {
        let answer = self.answers.get(&key(observation));
        answer.map_or(Estimate::Mean(Vec::new()), |answer| estimate(answer, self.density, self.shift_m))
    }

    /// `cells` of a classical posterior, its logarithm times `share`, times the network's.
    pub(crate) fn fused(&self, observation: &Observation, mut cells: Vec<Cell>, share: f64) -> Estimate {
        let Some((answer, mean_m)) = self.answer(observation) else { return Estimate::Mean(cells) };
        let wide = wide(answer, self.density);
        let [[xx, xy], [_, yy]] = answer.covariance_m2();
        let determinant = xx * yy - xy * xy;
        for cell in &mut cells {
            let [x, y] = cell.east_north_m;
            let by_network = match wide {
                Some((density, card)) => interpolated(density, card, [x - self.shift_m[0], y - self.shift_m[1]]),
                None => {
                    let [dx, dy] = [x - mean_m[0], y - mean_m[1]];
                    -0.5 * (yy * dx * dx - 2.0 * xy * dx * dy + xx * dy * dy) / determinant
                }
            };
            cell.log_density = share * cell.log_density + by_network;
        }
        Estimate::Mean(cells)
    }
}

/// The density and its cells where the answer is at least as wide as one of them; a sharper one is the Gaussian.
fn wide(answer: &Answer, card: Option<DensityCard>) -> Option<(&[f32], DensityCard)> {
    let card = card?;
    let [l11, _, l22] = answer.factor_m;
    let side_m = card.extent_m / card.cells as f64;
    let density = answer.density.as_deref()?;
    (l11 * l22 >= side_m * side_m).then_some((density, card))
}

/// An answer in the form that all methods are scored by, moved by `shift_m`.
pub(crate) fn estimate(answer: &Answer, card: Option<DensityCard>, shift_m: [f64; 2]) -> Estimate {
    let Some((density, card)) = wide(answer, card) else {
        let [[xx, xy], [_, yy]] = answer.covariance_m2();
        let [east, north] = answer.position_enu_m;
        let mean_m = [east + shift_m[0], north + shift_m[1]];
        return Estimate::Gaussian { mean_m, covariance_m2: [xx, xy, yy] };
    };
    let side_m = card.extent_m / card.cells as f64;
    let at = |index: usize| (index as f64 + 0.5) * side_m - card.extent_m / 2.0;
    let cell = |(index, log): (usize, &f32)| Cell {
        east_north_m: [at(index % card.cells) + shift_m[0], at(index / card.cells) + shift_m[1]],
        side_m,
        log_density: f64::from(*log),
    };
    Estimate::Mean(density.iter().enumerate().map(cell).collect())
}

/// Bilinear between the cells' centres.
fn interpolated(density: &[f32], card: DensityCard, [east, north]: [f64; 2]) -> f64 {
    let last = card.cells - 1;
    let along = |metres: f64| {
        let place = ((metres / card.extent_m + 0.5) * card.cells as f64 - 0.5).clamp(0.0, last as f64);
        let first = (place as usize).min(last.saturating_sub(1));
        (first, place - first as f64)
    };
    let ((column, right), (row, up)) = (along(east), along(north));
    let at = |row: usize, column: usize| density.get(row * card.cells + column).copied().map_or(-99.0, f64::from);
    let lower = at(row, column) + (at(row, column + 1) - at(row, column)) * right;
    let upper = at(row + 1, column) + (at(row + 1, column + 1) - at(row + 1, column)) * right;
    lower + (upper - lower) * up
}
