//! Undo and redo: snapshots of everything that the user chose, not a reversal for each control.

use std::collections::BTreeMap;

use heimdall_pipeline::Settings;
use heimdall_recording::Origin;

use super::{Effect, Event, NewsKind, Place, Session};

/// Steps that are kept.
const DEPTH: usize = 100;

/// What the user chose: a plain value, so that going back is putting an older one in its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choices {
    /// Selections, numbers, receivers and experts that are left out.
    pub settings: Settings,
    /// Where receivers stand.
    pub places: BTreeMap<String, Place>,
}

/// Choices before and after the present ones, the nearest last.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    past: Vec<Choices>,
    future: Vec<Choices>,
    /// Receiver in the user's hand: a drag is one step, however many places it passes.
    in_hand: Option<String>,
}

impl Session {
    pub(super) fn choices(&self) -> Choices {
        Choices { settings: self.settings.clone(), places: self.places.clone() }
    }

    /// True where there is something to undo.
    pub fn can_undo(&self) -> bool {
        !self.history.past.is_empty()
    }

    /// True where there is something to redo.
    pub fn can_redo(&self) -> bool {
        !self.history.future.is_empty()
    }

    /// Choices as they are before an event that may change them; nothing where a drag goes on, which began earlier.
    pub(super) fn before(&mut self, event: &Event) -> Option<Choices> {
        let held = self.history.in_hand.take();
        match event {
            Event::Dragged(receiver, _) => {
                let goes_on = held.as_ref() == Some(receiver);
                self.history.in_hand = Some(receiver.clone());
                (!goes_on).then(|| self.choices())
            }
            Event::Placed(receiver, ..) if held.as_ref() == Some(receiver) => None,
            Event::Placed(..) | Event::Switched(..) | Event::Set(_) => Some(self.choices()),
            // Work goes on while a marker is in the user's hand.
            _ => {
                self.history.in_hand = held;
                None
            }
        }
    }

    /// Keeps the choices as they were, where they are others now.
    pub(super) fn keep(&mut self, before: Choices) {
        if before != self.choices() {
            self.history.past.push(before);
            self.history.future.clear();
            let surplus = self.history.past.len().saturating_sub(DEPTH);
            self.history.past.drain(..surplus);
        }
    }

    /// What was forgotten does not come back.
    pub(super) fn forget_past_places(&mut self) {
        let History { past, future, .. } = &mut self.history;
        past.iter_mut().chain(future).for_each(|choices| choices.places.clear());
    }

    pub(super) fn undo(&mut self, effects: &mut Vec<Effect>) {
        if let Some(choices) = self.history.past.pop() {
            let now = self.restore(choices, "Undone", effects);
            self.history.future.push(now);
        }
    }

    pub(super) fn redo(&mut self, effects: &mut Vec<Effect>) {
        if let Some(choices) = self.history.future.pop() {
            let now = self.restore(choices, "Redone", effects);
            self.history.past.push(now);
        }
    }

    /// Puts older or newer choices in the place of the present ones, which it gives back.
    fn restore(&mut self, choices: Choices, done: &str, effects: &mut Vec<Effect>) -> Choices {
        let now = self.choices();
        self.settings = choices.settings;
        self.places = choices.places;
        // A table that was dropped meanwhile is still known.
        for (name, place) in now.places.iter().filter(|(_, place)| place.origin == Origin::Remembered) {
            self.places.entry(name.clone()).or_insert(*place);
        }
        let after = self.choices();
        self.note(NewsKind::Done, format!("{done}: {}.", difference(&now, &after)));
        self.write_places(effects);
        self.changed();
        now
    }
}

/// What two choices differ in, for people.
fn difference(old: &Choices, new: &Choices) -> String {
    // In full, so that a new setting cannot be forgotten here.
    let Settings { band, window, bias_sigma_s, gain_sigma_db, reference, switched_off, experts_off, bounds } =
        &old.settings;
    let after = &new.settings;
    let parts = [
        (*band != after.band).then_some("band"),
        (*window != after.window).then_some("time window"),
        (*bias_sigma_s != after.bias_sigma_s).then_some("timing bias"),
        (*gain_sigma_db != after.gain_sigma_db).then_some("gain error"),
        (*reference != after.reference).then_some("reference transmitter"),
        (*switched_off != after.switched_off).then_some("which receivers take part"),
        (*experts_off != after.experts_off).then_some("which evidence speaks"),
        (*bounds != after.bounds).then_some("lines of equal precision"),
        (old.places != new.places).then_some("where a receiver stands"),
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "nothing that shows".to_owned() } else { parts.join(", ") }
}
