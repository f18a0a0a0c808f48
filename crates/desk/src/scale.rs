//! Round numbers for scales: of colours over errors, and of lengths on a map.

/// The largest of 1, 2 and 5 times a power of ten that is not above a positive value.
pub fn round_below(value: f64) -> f64 {
    let decade = 10_f64.powf(value.log10().floor());
    // A hair of tolerance: powers of ten come back a little off.
    [5.0, 2.0].into_iter().map(|step| step * decade).find(|round| *round <= value * (1.0 + 1e-9)).unwrap_or(decade)
}

/// The smallest of them that is not below.
pub fn round_above(value: f64) -> f64 {
    let decade = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0].into_iter().map(|step| step * decade);
    steps.into_iter().find(|round| *round >= value * (1.0 - 1e-9)).unwrap_or(10.0 * decade)
}

/// Distances on a logarithmic scale between two round ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogScale {
    /// Where it begins, metres.
    pub low_m: f64,
    /// Where it ends, metres.
    pub high_m: f64,
}

impl LogScale {
    /// A scale that spans both, at least a factor of ten; nothing on it is below a metre.
    pub fn over(low_m: f64, high_m: f64) -> Self {
        let high_m = round_above(high_m.max(10.0));
        Self { low_m: round_below(low_m.clamp(1.0, high_m / 10.0)), high_m }
    }

    /// Place on the scale, 0…1; what lies outside is at an end.
    pub fn place(&self, value_m: f64) -> f64 {
        let share = (value_m.max(self.low_m) / self.low_m).ln() / (self.high_m / self.low_m).ln();
        share.clamp(0.0, 1.0)
    }

    /// Its ends, and the powers of ten between them.
    pub fn ticks_m(&self) -> Vec<f64> {
        let first = self.low_m.log10().floor() as i32;
        let decades = (first..first + 12).map(|power| 10_f64.powi(power));
        let inner = decades.filter(|tick| *tick > self.low_m * 1.9 && *tick < self.high_m / 1.9);
        std::iter::once(self.low_m).chain(inner).chain([self.high_m]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_numbers_enclose_a_value() {
        let ends = |value| (round_below(value), round_above(value));
        assert_eq!(ends(730.0), (500.0, 1000.0));
        assert_eq!(ends(1000.0), (1000.0, 1000.0));
        assert_eq!(ends(21.0), (20.0, 50.0));
    }

    #[test]
    fn a_scale_of_errors_has_round_ends_and_decades() {
        let scale = LogScale::over(130.0, 21_500.0);
        assert_eq!((scale.low_m, scale.high_m), (100.0, 50_000.0));
        assert_eq!(scale.ticks_m(), [100.0, 1000.0, 10_000.0, 50_000.0]);
        assert_eq!((scale.place(0.0), scale.place(1e9)), (0.0, 1.0));
        // ln 10 / ln 500.
        assert!((scale.place(1000.0) - 0.370_51).abs() < 1e-4);
        assert_eq!(LogScale::over(0.0, 0.0), LogScale { low_m: 1.0, high_m: 10.0 });
    }
}
