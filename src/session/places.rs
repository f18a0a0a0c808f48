//! Where receivers are, as the user said now or on an earlier visit.

use heimdall_recording::{Origin, Position};

use super::{Effect, Session};

/// A receiver's position by name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Where.
    pub position: Position,
    /// Remembered, placed on the map or typed in.
    pub origin: Origin,
}

impl Session {
    pub(super) fn place(&mut self, receiver: String, position: Position, origin: Origin, effects: &mut Vec<Effect>) {
        self.places.insert(receiver, Place { position, origin });
        self.write_places(effects);
        self.changed();
    }

    /// Forgets all positions that are not in the files.
    pub(super) fn forget(&mut self, effects: &mut Vec<Effect>) {
        self.places.clear();
        self.forget_past_places();
        self.write_places(effects);
        self.changed();
    }

    pub(super) fn write_places(&self, effects: &mut Vec<Effect>) {
        let places = self.places.iter().map(|(name, place)| (name.clone(), place.position)).collect();
        effects.push(Effect::Remember(places));
    }
}
