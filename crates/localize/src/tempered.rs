//! An expert whose measurements another expert has seen as well.

use crate::expert::{Expert, Place};

/// Its likelihood to a power below 1, so that what two experts saw does not count twice.
pub(crate) struct Tempered<E> {
    pub(crate) expert: E,
    /// 0…1.
    pub(crate) exponent: f64,
}

impl<E: Expert> Expert for Tempered<E> {
    fn name(&self) -> &'static str {
        self.expert.name()
    }

    fn log_likelihood(&self, place: &Place) -> f64 {
        self.exponent * self.expert.log_likelihood(place)
    }

    fn rise(&self, place: &Place) -> f64 {
        self.exponent * self.expert.rise(place)
    }
}
