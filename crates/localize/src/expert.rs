//! What an expert is: a likelihood over position.

/// A place to be judged: its geodesics from every receiver.
pub struct Place<'a> {
    /// Distance from each receiver, metres.
    pub distances_m: &'a [f64],
    /// Unit vector at each receiver towards the place, east and north.
    pub directions: &'a [[f64; 2]],
    /// Radius of the neighbourhood that the place stands for, metres; 0 for a point.
    pub radius_m: f64,
}

/// What an expert says of a place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Likelihood {
    /// Log of the mean likelihood over the place, up to a constant; about the centre's where it varies slowly.
    pub log_mean: f64,
    /// How far the log-likelihood may rise anywhere within the place's radius above [`Self::log_mean`]: exact or too
    /// large where peaks are narrow (lags, bearings), so that none is lost between coarse cells; an estimate where
    /// they are not (levels).
    pub rise: f64,
}

impl std::iter::Sum for Likelihood {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |sum, part| Self {
            log_mean: sum.log_mean + part.log_mean,
            rise: sum.rise + part.rise,
        })
    }
}

impl Likelihood {
    /// To a power.
    #[must_use]
    pub fn to_the(self, exponent: f64) -> Self {
        Self { log_mean: exponent * self.log_mean, rise: exponent * self.rise }
    }
}

/// One method that turns a scene into a likelihood over position.
pub trait Expert {
    /// Its name in reports: "tdoa", "level", "bearing".
    fn name(&self) -> &'static str;

    /// Its likelihood at a place, and what that may hide.
    fn judge(&self, place: &Place) -> Likelihood;
}
