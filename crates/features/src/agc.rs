//! Does a receiver's gain follow the signal?
//!
//! A fixed gain leaves the noise floor where it is while the signal comes and goes. An automatic one turns the gain down
//! as the signal rises, so the floor of the quiet bins falls by as much and the total power stays. The floor's level in
//! decibels, regressed on signal over floor, then has a slope near −1; with a fixed gain near 0.

/// Columns that a statement needs.
const LEAST_COLUMNS: usize = 24;
/// Range of the floor from the lower to the upper tenth, dB, below which it is taken to stand still: estimation noise
/// of a floor from a fifth of 512 bins and four frames is a few tenths.
const LEAST_RANGE_DB: f64 = 4.0;
/// Slope and correlation from which on the gain follows.
const STEEPEST_FIXED: f64 = -0.5;
const LEAST_CORRELATION: f64 = -0.8;
/// The total power may move by this share of the floor's range.
const STEADY_SHARE: f64 = 0.6;
/// Share of the bins that count as quiet.
const QUIET: f64 = 0.2;

/// By how much the gain follows the signal, dB, from power spectra of blocks spread over a recording; `None` where it
/// seems fixed, or where nothing can be said.
pub fn gain_control_db(spectra: &[Vec<f64>]) -> Option<f64> {
    let columns: Vec<(f64, f64)> = spectra.iter().filter_map(|spectrum| levels_db(spectrum)).collect();
    if columns.len() < LEAST_COLUMNS {
        return None;
    }
    let floors: Vec<f64> = columns.iter().map(|column| column.1).collect();
    let totals: Vec<f64> = columns.iter().map(|column| column.0).collect();
    let over: Vec<f64> = columns.iter().map(|(total, floor)| total - floor).collect();
    let range_db = range(&floors);
    let (slope, correlation) = regression(&over, &floors)?;
    let follows = slope < STEEPEST_FIXED && correlation < LEAST_CORRELATION;
    (follows && range_db > LEAST_RANGE_DB && range(&totals) < STEADY_SHARE * range_db).then_some(range_db)
}

/// Total power and the quiet bins' level of a block; `None` where it is silent.
fn levels_db(spectrum: &[f64]) -> Option<(f64, f64)> {
    let mut sorted = spectrum.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quiet = sorted.get(..((sorted.len() as f64 * QUIET) as usize).max(1))?;
    let floor = quiet.iter().sum::<f64>() / quiet.len() as f64;
    let total: f64 = spectrum.iter().sum();
    (floor > 0.0).then(|| (10.0 * total.log10(), 10.0 * floor.log10()))
}

/// From the lower to the upper tenth.
fn range(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted.get((share * (sorted.len() - 1) as f64).round() as usize).copied().unwrap_or(0.0);
    at(0.9) - at(0.1)
}

/// Slope of `y` on `x`, and their correlation.
fn regression(x: &[f64], y: &[f64]) -> Option<(f64, f64)> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mx, my) = (mean(x), mean(y));
    let both = || x.iter().zip(y).map(|(x, y)| (x - mx, y - my));
    let (xx, yy): (f64, f64) = both().fold((0.0, 0.0), |(xx, yy), (x, y)| (xx + x * x, yy + y * y));
    let xy: f64 = both().map(|(x, y)| x * y).sum();
    (xx > 0.0 && yy > 0.0).then(|| (xy / xx, xy / (xx * yy).sqrt()))
}
