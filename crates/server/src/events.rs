//! What happened, for those who listen: the newest events are kept, so that a listener who lost the connection for a
//! moment misses nothing.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::broadcast;

/// Events that are kept for listeners who come back.
const KEPT: usize = 1024;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Grows from event to event, and over restarts.
    pub id: u64,
    /// Its kind: `models`, `upload`, …
    pub name: &'static str,
    /// What a listener needs to know of it.
    pub data: Value,
}

/// The newest events, and those who wait for the next.
#[derive(Debug)]
pub struct Events {
    ring: Mutex<Ring>,
    live: broadcast::Sender<Event>,
}

#[derive(Debug)]
struct Ring {
    next_id: u64,
    events: VecDeque<Event>,
}

/// What a listener gets at first.
pub struct Subscription {
    /// False where events after the listener's last are no longer kept: it should ask anew for all it shows.
    pub complete: bool,
    /// What it missed.
    pub missed: Vec<Event>,
    /// What comes.
    pub live: broadcast::Receiver<Event>,
}

impl Events {
    /// No event yet. `first_id` must be above those of earlier servers: microseconds since 1970 are.
    #[must_use]
    pub fn new(first_id: u64) -> Self {
        let ring = Ring { next_id: first_id, events: VecDeque::with_capacity(KEPT) };
        Self { ring: Mutex::new(ring), live: broadcast::channel(KEPT).0 }
    }

    /// Tells all who listen.
    pub fn publish(&self, name: &'static str, data: Value) {
        let mut ring = self.ring();
        let event = Event { id: ring.next_id, name, data };
        ring.next_id = ring.next_id.saturating_add(1);
        if ring.events.len() == KEPT {
            ring.events.pop_front();
        }
        ring.events.push_back(event.clone());
        // An error means that nobody listens. Sent under the lock, so that a subscriber sees each event once.
        let _ = self.live.send(event);
    }

    /// What came after the event `last_id`, and what will come.
    #[must_use]
    pub fn subscribe(&self, last_id: Option<u64>) -> Subscription {
        let ring = self.ring();
        let live = self.live.subscribe();
        let Some(last_id) = last_id else {
            return Subscription { complete: true, missed: Vec::new(), live };
        };
        let oldest = ring.events.front().map_or(ring.next_id, |event| event.id);
        let missed = ring.events.iter().filter(|event| event.id > last_id).cloned().collect();
        let complete = (oldest..=ring.next_id).contains(&last_id.saturating_add(1));
        Subscription { complete, missed, live }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // A panic elsewhere leaves at most one event out.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_who_comes_back_gets_what_it_missed() {
        let events = Events::new(100);
        events.publish("models", Value::Null);
        events.publish("upload", Value::Null);
        let back = events.subscribe(Some(100));
        assert!(back.complete);
        assert_eq!(back.missed.iter().map(|event| event.id).collect::<Vec<_>>(), [101]);
        assert!(events.subscribe(Some(101)).missed.is_empty());
    }

    #[test]
    fn a_listener_who_was_away_too_long_is_told_so() {
        let events = Events::new(100);
        for _ in 0..=KEPT {
            events.publish("upload", Value::Null);
        }
        assert!(!events.subscribe(Some(99)).complete, "event 100 is no longer kept");
        assert!(events.subscribe(Some(100)).complete);
        assert!(!events.subscribe(Some(7)).complete, "of an earlier server");
        assert!(!events.subscribe(Some(u64::MAX)).complete, "of no server");
    }
}
