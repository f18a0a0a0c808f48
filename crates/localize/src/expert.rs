//! What an expert is: a likelihood over position.

/// A place to be judged: its geodesics from every receiver.
pub struct Place<'a> {
    /// Distance from each receiver, metres.
    pub distances_m: &'a [f64],
    /// Azimuth at each receiver towards the place, degrees clockwise from north.
    pub azimuths_deg: &'a [f64],
    /// Radius of the neighbourhood that the place stands for, metres; 0 for a point.
    pub radius_m: f64,
}

/// One method that turns a scene into a likelihood over position.
pub trait Expert {
    /// Its name in reports: "tdoa", "level", "bearing".
    fn name(&self) -> &'static str;

    /// Log of the mean likelihood over the place, up to a constant; about the centre's where it varies slowly.
    fn log_likelihood(&self, place: &Place) -> f64;

    /// How far the log-likelihood may rise anywhere within the place's radius above
    /// [`Self::log_likelihood`]: exact or too large where peaks are
    /// narrow (lags, bearings), so that none is lost between coarse cells; an estimate where they are not (levels).
    fn rise(&self, place: &Place) -> f64;
}
