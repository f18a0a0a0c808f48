//! Statistics with intervals by block bootstrap.

use std::collections::BTreeMap;

use heimdall_model::{Estimate, MetricsCard};
use heimdall_simulate::world::Block;
use rand::Rng;
use serde::Serialize;

use super::estimate::Score;
use crate::evaluate::draw;

/// A score and the held-out block, of a realisation, that it belongs to.
pub(crate) type Placed = ((u64, Block), Score);

/// A method's row.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    #[serde(flatten)]
    pub(crate) metrics: MetricsCard,
    pub(crate) median_area_68_km2: Estimate,
    pub(crate) median_time_ms: Estimate,
}

const RESAMPLES: usize = 1000;

fn mean(scores: &[Score], value: impl Fn(&Score) -> f64) -> f64 {
    scores.iter().map(value).sum::<f64>() / scores.len().max(1) as f64
}

fn quantile(scores: &[Score], probability: f64, value: impl Fn(&Score) -> f64) -> f64 {
    let mut values: Vec<f64> = scores.iter().map(value).collect();
    if values.is_empty() {
        return f64::NAN;
    }
    let index = ((values.len() - 1) as f64 * probability).round() as usize;
    *values.select_nth_unstable_by(index, f64::total_cmp).1
}

/// In the order in which [`row`] takes them; metres, km², ms.
fn statistics(scores: &[Score]) -> [f64; 8] {
    [
        mean(scores, |s| s.error_m),
        quantile(scores, 0.5, |s| s.error_m),
        mean(scores, |s| s.error_m * s.error_m).sqrt(),
        quantile(scores, 0.9, |s| s.error_m),
        mean(scores, |s| f64::from(u8::from(s.denser <= 0.68))),
        mean(scores, |s| f64::from(u8::from(s.denser <= 0.95))),
        quantile(scores, 0.5, |s| s.area_68_m2) / 1e6,
        quantile(scores, 0.5, |s| s.time_s) * 1e3,
    ]
}

/// A row; blocks, each with all its scenes, are drawn anew for the intervals.
pub(crate) fn row(world: &str, method: &str, placed: &[Placed], seed: u64) -> Row {
    let mut blocks: BTreeMap<(u64, Block), Vec<Score>> = BTreeMap::new();
    for (block, score) in placed {
        blocks.entry(*block).or_default().push(*score);
    }
    let blocks: Vec<Vec<Score>> = blocks.into_values().collect();
    let all: Vec<Score> = blocks.iter().flatten().copied().collect();
    let mut rng = draw::generator(seed, 90, 0);
    let resamples: Vec<[f64; 8]> = (0..RESAMPLES)
        .map(|_| {
            let drawn = (0..blocks.len()).filter_map(|_| blocks.get(rng.random_range(0..blocks.len())));
            statistics(&drawn.flatten().copied().collect::<Vec<_>>())
        })
        .collect();
    let mut intervals = statistics(&all).into_iter().enumerate().map(|(index, value)| {
        let mut values: Vec<f64> = resamples.iter().filter_map(|resample| resample.get(index).copied()).collect();
        values.sort_by(f64::total_cmp);
        let at = |probability: f64| {
            values.get((probability * (RESAMPLES - 1) as f64).round() as usize).copied().unwrap_or(value)
        };
        Estimate { value, low: at(0.025), high: at(0.975) }
    });
    let mut next = || intervals.next().unwrap_or(Estimate { value: f64::NAN, low: f64::NAN, high: f64::NAN });
    let metrics = MetricsCard {
        method: method.to_owned(),
        world: world.to_owned(),
        scenes: all.len() as u64,
        mean_m: next(),
        median_m: next(),
        rmse_m: next(),
        p90_m: next(),
        coverage_68: Some(next()),
        coverage_95: Some(next()),
    };
    Row { metrics, median_area_68_km2: next(), median_time_ms: next() }
}

/// A number with three figures that count.
fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        small if small >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

fn shown(interval: Estimate, factor: f64) -> String {
    let [value, low, high] = [interval.value, interval.low, interval.high].map(|value| number(value * factor));
    format!("{value} ({low}–{high})")
}

/// The table as Markdown.
pub(crate) fn markdown(rows: &[Row]) -> String {
    let mut text = String::from(
        "| method | RMSE km | mean km | median km | p90 km | 68 % region holds % | 95 % region holds % | 68 % region \
         km², median | ms per fix |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    let share = |share: Option<Estimate>| share.map_or(String::new(), |share| shown(share, 100.0));
    for row in rows {
        let metrics = &row.metrics;
        text += &format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
            metrics.method,
            shown(metrics.rmse_m, 1e-3),
            shown(metrics.mean_m, 1e-3),
            shown(metrics.median_m, 1e-3),
            shown(metrics.p90_m, 1e-3),
            share(metrics.coverage_68),
            share(metrics.coverage_95),
            shown(row.median_area_68_km2, 1.0),
            number(row.median_time_ms.value),
        );
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// `blocks` blocks of `alike` scenes each with the same error, 20 ± 4 km between blocks.
    fn placed(blocks: u32, alike: usize) -> Vec<Placed> {
        let mut rng = draw::generator(8, 0, 0);
        let block = |column: u32| {
            let score = Score { error_m: 20e3 + 4e3 * draw::normal(&mut rng), ..Score::default() };
            vec![((1, Block { column, row: 0 }), score); alike]
        };
        (0..blocks).flat_map(block).collect()
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_its_blocks() {
        // ±1.96 σ/√blocks however many scenes a block has; the sample's own σ is that of the resamples.
        for alike in [1, 5] {
            let placed = placed(200, alike);
            let count = placed.len() as f64;
            let mean_m = placed.iter().map(|(_, score)| score.error_m).sum::<f64>() / count;
            let squares: f64 = placed.iter().map(|(_, score)| (score.error_m - mean_m).powi(2)).sum();
            let half_m = 1.96 * (squares / count / 200.0).sqrt();
            let row = row("a world", "a method", &placed, 1);
            assert_eq!(row.metrics.scenes, placed.len() as u64);
            assert!((row.metrics.mean_m.value - mean_m).abs() < 1e-6);
            // Ends of 1000 resamples scatter by about 4 % of the half width.
            for end_m in [mean_m - row.metrics.mean_m.low, row.metrics.mean_m.high - mean_m] {
                assert!((end_m / half_m - 1.0).abs() < 0.15, "{alike}: {end_m} {half_m}");
            }
        }
    }

    #[test]
    fn a_row_states_shares_and_quantiles() {
        let score = |index: u32| {
            let share = f64::from(index) / 100.0;
            let score =
                Score { error_m: 1e3 * f64::from(index), denser: share, area_68_m2: 1e6, surprise: 0.0, time_s: 2e-3 };
            ((1, Block { column: index, row: 0 }), score)
        };
        let row = row("a world", "a method", &(1..=100).map(score).collect::<Vec<_>>(), 1);
        assert_eq!([row.metrics.coverage_68, row.metrics.coverage_95].map(|share| share.unwrap().value), [0.68, 0.95]);
        // √(Σk²/100) = √3383.5.
        assert!((row.metrics.rmse_m.value - 1e3 * 3383.5_f64.sqrt()).abs() < 1e-6);
        assert!(
            (row.metrics.median_m.value - 50.5e3).abs() <= 500.0 && (row.metrics.p90_m.value - 90e3).abs() <= 500.0
        );
        assert_eq!((row.median_area_68_km2.value, row.median_time_ms.value), (1.0, 2.0));
        assert!(markdown(&[row]).contains("| a method | 58.2 ("));
    }
}
