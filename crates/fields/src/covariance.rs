/// How correlation falls with distance Δ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Covariance {
    /// exp(−Δ/length) (Gudmundson 1991): rough.
    Exponential {
        /// Distance at which it is 1/e.
        length_m: f64,
    },
    /// exp(−½(Δ/length)²): smooth.
    Gaussian {
        /// Distance at which it is exp(−½).
        length_m: f64,
    },
}

impl Covariance {
    /// Correlation over `distance_m`.
    pub fn correlation(self, distance_m: f64) -> f64 {
        match self {
            Self::Exponential { length_m } => (-distance_m / length_m).exp(),
            Self::Gaussian { length_m } => (-0.5 * (distance_m / length_m).powi(2)).exp(),
        }
    }

    /// Distance at which the correlation is at most exp(−8).
    pub fn reach_m(self) -> f64 {
        match self {
            Self::Exponential { length_m } => 8.0 * length_m,
            Self::Gaussian { length_m } => 4.0 * length_m,
        }
    }
}
