//! An expert whose measurements another expert has seen as well, or who claims too much or too little.

use crate::expert::{Expert, Likelihood, Place};

/// Its likelihood to a power: below 1 where two experts saw the same, so that it does not count twice.
pub(crate) struct Tempered<E> {
    pub(crate) expert: E,
    /// Not negative.
    pub(crate) exponent: f64,
}

impl<E: Expert> Expert for Tempered<E> {
    fn name(&self) -> &'static str {
        self.expert.name()
    }

    fn judge(&self, place: &Place) -> Likelihood {
        self.expert.judge(place).to_the(self.exponent)
    }
}
