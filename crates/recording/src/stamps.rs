//! A robust line through time stamps: true sample rate and start time.
//!
//! Stamps of real receivers are not all good: a KiwiSDR's first blocks carry 0 or a time of hours
//! ago, and where blocks were lost the line has a step. The longest run of stamps on one line is
//! used, everything else is left out.

/// A time stamp of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stamp {
    /// Index of the sample that the stamp belongs to.
    pub(crate) sample: u64,
    /// Nanoseconds on any one scale.
    pub(crate) time_ns: i64,
}

/// The line through the stamps that agree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Line {
    /// True samples per second.
    pub(crate) rate_hz: f64,
    /// Sample of the first stamp on the line.
    pub(crate) first: u64,
    /// Sample of the last stamp on the line.
    pub(crate) last: u64,
    /// Time of `first` on the line, nanoseconds.
    pub(crate) first_time_ns: i64,
    /// Scatter of one stamp around the line, seconds (1 σ).
    pub(crate) sigma_s: f64,
    /// Stamps on the line.
    pub(crate) used: usize,
    /// Stamps that were looked at.
    pub(crate) seen: usize,
    /// True where another run of stamps, shifted against this one, shows lost samples.
    pub(crate) gap: bool,
}

/// Fewest stamps that make a line.
const MIN_STAMPS: usize = 4;
/// Drift that is allowed between neighbouring stamps, seconds per second.
const DRIFT: f64 = 2e-7;
/// Runs that a stamp is compared with, latest first.
const OPEN_RUNS: usize = 16;
/// Residuals beyond so many scatters are left out of the least squares.
const REJECT_SIGMAS: f64 = 5.0;
/// Scatter below which nothing is rejected, nanoseconds.
const SCATTER_FLOOR_NS: f64 = 50.0;

/// Fits the line; `None` where fewer than four stamps agree, or where the rate is more than 1 %
/// off `nominal_rate_hz`. Stamps are in the order of their samples.
pub(crate) fn fit(stamps: &[Stamp], nominal_rate_hz: f64) -> Option<Line> {
    let period_ns = median_period_ns(stamps, nominal_rate_hz)?;
    let runs = runs(stamps, period_ns);
    let longest = runs.iter().max_by_key(|run| run.len())?;
    let mut members = longest.clone();
    let mut line = least_squares(&members)?;
    for _ in 0..3 {
        let scatter = line.scatter_ns(&members).max(SCATTER_FLOOR_NS);
        members.retain(|stamp| line.residual_ns(stamp).abs() <= REJECT_SIGMAS * scatter);
        line = least_squares(&members)?;
    }
    let rate_hz = 1e9 / line.slope_ns;
    let plausible = (rate_hz / nominal_rate_hz - 1.0).abs() < 0.01;
    let (first, last) = (longest.first()?, longest.last()?);
    if members.len() < MIN_STAMPS || !plausible {
        return None;
    }
    let offset_ns = line.at_ns(first.sample).round();
    Some(Line {
        rate_hz,
        first: first.sample,
        last: last.sample,
        first_time_ns: line.reference.time_ns.checked_add(offset_ns as i64)?,
        sigma_s: line.scatter_ns(&members) * 1e-9,
        used: members.len(),
        seen: stamps.len(),
        gap: runs.iter().filter(|run| run.len() >= MIN_STAMPS).count() > 1,
    })
}

impl Line {
    /// True where a stamp lies within a quarter of a sample of the line.
    pub(crate) fn holds(&self, stamp: &Stamp) -> bool {
        let samples = stamp.sample as f64 - self.first as f64;
        let expected_ns = samples * 1e9 / self.rate_hz;
        let apart_ns = stamp.time_ns.saturating_sub(self.first_time_ns) as f64 - expected_ns;
        apart_ns.abs() <= tolerance_ns(1e9 / self.rate_hz, expected_ns.abs())
    }
}

/// A quarter of a sample and the drift of the time between: a lost sample is seen, jitter is not.
fn tolerance_ns(period_ns: f64, between_ns: f64) -> f64 {
    0.25 * period_ns + DRIFT * between_ns
}

/// Median of the slopes between neighbours: right as long as most stamps are.
fn median_period_ns(stamps: &[Stamp], nominal_rate_hz: f64) -> Option<f64> {
    let nominal_ns = 1e9 / nominal_rate_hz;
    let mut slopes: Vec<f64> = stamps
        .windows(2)
        .filter_map(|pair| {
            let [a, b] = pair else { return None };
            let samples = b.sample.checked_sub(a.sample).filter(|samples| *samples > 0)?;
            let slope = b.time_ns.checked_sub(a.time_ns)? as f64 / samples as f64;
            ((slope / nominal_ns - 1.0).abs() < 0.01).then_some(slope)
        })
        .collect();
    median(&mut slopes)
}

/// Groups stamps that lie on lines of the same slope. A stray stamp starts a group of its own and
/// does not end the group before it.
fn runs(stamps: &[Stamp], period_ns: f64) -> Vec<Vec<Stamp>> {
    let mut runs: Vec<Vec<Stamp>> = Vec::new();
    for stamp in stamps {
        let fitting = runs.iter().rposition(|run| {
            run.last().is_some_and(|last| {
                let samples = stamp.sample as f64 - last.sample as f64;
                let between_ns = samples * period_ns;
                let apart_ns = stamp.time_ns.saturating_sub(last.time_ns) as f64 - between_ns;
                apart_ns.abs() <= tolerance_ns(period_ns, between_ns)
            })
        });
        let oldest = runs.len().saturating_sub(OPEN_RUNS);
        match fitting.filter(|index| *index >= oldest).and_then(|index| runs.get_mut(index)) {
            Some(run) => run.push(*stamp),
            None => runs.push(vec![*stamp]),
        }
    }
    runs
}

/// A line relative to a stamp, so that nanoseconds of a week keep their precision.
struct Fitted {
    reference: Stamp,
    slope_ns: f64,
    offset_ns: f64,
}

impl Fitted {
    fn at_ns(&self, sample: u64) -> f64 {
        self.offset_ns + self.slope_ns * (sample as f64 - self.reference.sample as f64)
    }

    fn residual_ns(&self, stamp: &Stamp) -> f64 {
        stamp.time_ns.saturating_sub(self.reference.time_ns) as f64 - self.at_ns(stamp.sample)
    }

    /// Median absolute residual as the sigma of a Gaussian (× 1.4826).
    fn scatter_ns(&self, stamps: &[Stamp]) -> f64 {
        let mut residuals: Vec<f64> = stamps.iter().map(|s| self.residual_ns(s).abs()).collect();
        median(&mut residuals).unwrap_or(0.0) * 1.4826
    }
}

fn least_squares(stamps: &[Stamp]) -> Option<Fitted> {
    let reference = *stamps.first()?;
    let count = stamps.len() as f64;
    let points = || {
        stamps.iter().map(|stamp| {
            let x = stamp.sample as f64 - reference.sample as f64;
            (x, stamp.time_ns.saturating_sub(reference.time_ns) as f64)
        })
    };
    let mean_x = points().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points().map(|(_, y)| y).sum::<f64>() / count;
    let square = points().map(|(x, _)| (x - mean_x).powi(2)).sum::<f64>();
    let product = points().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>();
    let slope_ns = product / square;
    let line = Fitted { reference, slope_ns, offset_ns: mean_y - slope_ns * mean_x };
    (slope_ns.is_finite() && slope_ns > 0.0).then_some(line)
}

fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stamps of 512 samples each at 12 001.25 Hz with a deterministic jitter of ±200 ns.
    fn stamps(count: u64) -> Vec<Stamp> {
        (0..count)
            .map(|block| {
                let jitter_ns = (block * 7919 % 401) as i64 - 200;
                let exact_ns = (block * 512) as f64 * 1e9 / 12_001.25;
                Stamp { sample: block * 512, time_ns: exact_ns.round() as i64 + jitter_ns }
            })
            .collect()
    }

    #[test]
    fn bogus_stamps_anywhere_do_not_move_the_line() {
        let mut stamps = stamps(700);
        for (index, time_ns) in [(0, 1_000_000_000), (1, -11_000_000_000_000), (300, 5), (699, 7)] {
            stamps[index].time_ns = time_ns;
        }
        let line = fit(&stamps, 12_001.0).unwrap();
        // 700 stamps of 115 ns scatter over 30 s: rate to 1e-9, offset to a few ns.
        assert!((line.rate_hz - 12_001.25).abs() < 1e-4, "{line:?}");
        let expected_ns = (2.0 * 512.0 * 1e9 / 12_001.25_f64).round() as i64;
        assert!((line.first_time_ns - expected_ns).abs() < 40, "{line:?}");
        assert_eq!((line.first, line.last), (2 * 512, 698 * 512));
        assert!((5e-8..3e-7).contains(&line.sigma_s));
        assert!(!line.gap);
    }

    #[test]
    fn the_longest_run_is_used_where_samples_were_lost() {
        let mut stamps = stamps(100);
        for stamp in stamps.iter_mut().skip(30) {
            stamp.time_ns += 3 * 83_325;
        }
        let line = fit(&stamps, 12_001.0).unwrap();
        assert_eq!((line.first, line.last, line.gap), (30 * 512, 99 * 512, true));
        assert!((line.rate_hz - 12_001.25).abs() < 1e-2);
        assert!(line.holds(&stamps[50]) && !line.holds(&stamps[29]));
    }

    #[test]
    fn stamps_that_make_no_line_are_refused() {
        assert_eq!(fit(&[], 12_000.0), None);
        assert_eq!(fit(&stamps(3), 12_000.0), None);
        assert_eq!(fit(&stamps(50), 20_250.0), None);
        let same = vec![Stamp { sample: 5, time_ns: 5 }; 9];
        assert_eq!(fit(&same, 12_000.0), None);
    }
}
