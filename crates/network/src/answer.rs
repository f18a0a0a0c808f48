use crate::maps::cell_of;

/// A Gaussian in the constellation's tangent plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// East and north, metres.
    pub position_enu_m: [f64; 2],
    /// Lower triangle of the covariance's Cholesky factor, rows: east-east, north-east, north-north; metres.
    pub factor_m: [f64; 3],
}

/// Probabilities of square cells about the origin of the constellation's plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Density {
    /// Natural logarithm of each cell's probability, rows from the south, each from the west.
    pub log_probability: Vec<f32>,
    /// Cells along a side.
    pub cells: usize,
    /// Side of the square, metres.
    pub extent_m: f64,
}

/// Where the network believes the transmitter is.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Mean and covariance.
    pub gaussian: Prediction,
    /// What it believes of every place, of the heads that form a posterior.
    pub density: Option<Density>,
}

impl Prediction {
    /// Square of the distance of `target_enu_m` in standard deviations (Mahalanobis): χ² of two degrees of freedom
    /// where the uncertainty is true.
    pub fn squared_deviations(&self, target_enu_m: [f64; 2]) -> f64 {
        let [east, cross, north] = self.factor_m;
        let first = (target_enu_m[0] - self.position_enu_m[0]) / east;
        let second = (target_enu_m[1] - self.position_enu_m[1] - cross * first) / north;
        first * first + second * second
    }

    /// Distance of `target_enu_m`, metres.
    pub fn error_m(&self, target_enu_m: [f64; 2]) -> f64 {
        (target_enu_m[0] - self.position_enu_m[0]).hypot(target_enu_m[1] - self.position_enu_m[1])
    }

    /// The same place with `temperature` times the deviation.
    pub fn tempered(mut self, temperature: f64) -> Prediction {
        self.factor_m.iter_mut().for_each(|x| *x *= temperature);
        self
    }

    /// Square root of the covariance's determinant, m².
    fn spread_m2(&self) -> f64 {
        self.factor_m[0] * self.factor_m[2]
    }
}

impl Density {
    fn cell_m2(&self) -> f64 {
        (self.extent_m / self.cells as f64).powi(2)
    }

    /// Logarithms divided by `temperature`, and normalised again.
    pub fn tempered(&self, temperature: f64) -> Density {
        let highest = self.log_probability.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let scaled: Vec<f64> = self.log_probability.iter().map(|log| f64::from(log - highest) / temperature).collect();
        let sum = scaled.iter().map(|log| log.exp()).sum::<f64>().ln();
        Density { log_probability: scaled.iter().map(|log| (log - sum) as f32).collect(), ..*self }
    }

    /// Probability of all that is denser than the place's cell, and of half of that cell.
    pub(crate) fn denser(&self, place_m: [f64; 2]) -> f64 {
        let there = self.log_probability[cell_of(place_m, self.extent_m, self.cells)];
        let denser = self.log_probability.iter().filter(|log| **log > there);
        denser.map(|log| f64::from(*log).exp()).sum::<f64>() + 0.5 * f64::from(there).exp()
    }
}

impl Answer {
    /// The posterior over places, where it is the sharper account: a Gaussian narrower than a cell says more.
    pub fn wide(&self) -> Option<&Density> {
        self.density.as_ref().filter(|density| self.gaussian.spread_m2() >= density.cell_m2())
    }

    /// Probability of the smallest region that holds `place_m`: a region of highest density with more holds it.
    pub fn region_of(&self, place_m: [f64; 2]) -> f64 {
        let gaussian = || 1.0 - (-0.5 * self.gaussian.squared_deviations(place_m)).exp();
        self.wide().map_or_else(gaussian, |density| density.denser(place_m))
    }

    /// −ln of the density at a place, per m².
    pub fn surprise(&self, place_m: [f64; 2]) -> f64 {
        match self.wide() {
            Some(density) => {
                let cell = cell_of(place_m, density.extent_m, density.cells);
                density.cell_m2().ln() - f64::from(density.log_probability[cell])
            }
            None => {
                let spread = (std::f64::consts::TAU * self.gaussian.spread_m2()).ln();
                0.5 * self.gaussian.squared_deviations(place_m) + spread
            }
        }
    }

    /// With the deviations and the density's temperature scaled.
    pub fn tempered(&self, deviation: f64, density: f64) -> Answer {
        Answer {
            gaussian: self.gaussian.tempered(deviation),
            density: self.density.as_ref().map(|own| own.tempered(density)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four cells of 1 km: probabilities ½, ¼, ⅛, ⅛.
    fn answer(deviation_m: f64) -> Answer {
        let log_probability = [0.5f32, 0.25, 0.125, 0.125].map(f32::ln).to_vec();
        let gaussian = Prediction { position_enu_m: [0.0; 2], factor_m: [deviation_m, 0.0, deviation_m] };
        Answer { gaussian, density: Some(Density { log_probability, cells: 2, extent_m: 2000.0 }) }
    }

    #[test]
    fn regions_and_surprise_are_the_cells_where_the_answer_is_wide() {
        let wide = answer(1500.0);
        // South-east is the second cell: the south-west is denser, and half of itself.
        assert!((wide.region_of([500.0, -500.0]) - (0.5 + 0.125)).abs() < 1e-6);
        assert!((wide.surprise([500.0, -500.0]) - (1e6_f64.ln() - 0.25_f64.ln())).abs() < 1e-6);
        // A temperature of 2 takes square roots: √¼ of √½ + √¼ + 2 √⅛.
        let tempered = wide.tempered(1.0, 2.0);
        let expected = 0.5 / (0.5_f64.sqrt() + 0.5 + 2.0 * 0.125_f64.sqrt());
        assert!((tempered.surprise([500.0, -500.0]) - (1e6_f64.ln() - expected.ln())).abs() < 1e-6);
    }

    #[test]
    fn a_sharp_answer_is_the_gaussian() {
        let sharp = answer(100.0);
        // Closed forms of the bivariate normal at two deviations.
        assert!((sharp.region_of([200.0, 0.0]) - (1.0 - (-2.0_f64).exp())).abs() < 1e-12);
        assert!((sharp.surprise([200.0, 0.0]) - (2.0 + (std::f64::consts::TAU * 1e4).ln())).abs() < 1e-12);
    }
}
