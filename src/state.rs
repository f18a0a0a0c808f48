//! The page's signals, and the one way in which they change.

use std::collections::HashMap;

use heimdall_page::link::{self, Link, View};
use heimdall_page::preferences::Preferences;
use heimdall_page::protocol::Reply;
use heimdall_page::session::{Event, JobId, Session};
use heimdall_pipeline::Settings;
use heimdall_recording::Position;
use leptos::prelude::*;

use crate::browser::{self, address, pool, storage};

/// Handed to every component through the context.
#[derive(Clone, Copy)]
pub(crate) struct State {
    /// What the page knows.
    pub(crate) session: RwSignal<Session>,
    /// Share done of each job.
    pub(crate) progress: RwSignal<HashMap<JobId, f32>>,
    /// Pair under the pointer or the keyboard's focus.
    pub(crate) active_pair: RwSignal<Option<usize>>,
    /// Receiver that the next click on the map places.
    pub(crate) placing: RwSignal<Option<String>>,
    /// Rises when the user wants to see the answer close up.
    pub(crate) close_up: RwSignal<u32>,
    /// What the map shows; nothing before it was moved.
    pub(crate) view: RwSignal<Option<View>>,
    /// What the map is to show, as a link says.
    pub(crate) wanted_view: RwSignal<Option<View>>,
    /// Whether the map shows how the fix moves without each receiver.
    pub(crate) arrows: RwSignal<bool>,
    /// Where the transmitter is known to stand.
    pub(crate) truth: RwSignal<Option<Position>>,
    /// Address template of map tiles; empty for the offline outlines.
    pub(crate) tile_url: RwSignal<String>,
    /// Rises when the user wants to see the list of commands.
    pub(crate) commands: RwSignal<u32>,
    /// How things are to be shown.
    pub(crate) preferences: Memo<Preferences>,
}

impl State {
    /// Signals with what the browser remembers, workers on their way.
    pub(crate) fn provide() -> Self {
        let preferences = storage::preferences();
        let session = RwSignal::new(Session::new(storage::places(), preferences));
        let state = Self {
            session,
            progress: RwSignal::default(),
            active_pair: RwSignal::default(),
            placing: RwSignal::default(),
            close_up: RwSignal::default(),
            view: RwSignal::default(),
            arrows: RwSignal::default(),
            truth: RwSignal::default(),
            wanted_view: RwSignal::default(),
            tile_url: RwSignal::new(storage::tile_url()),
            commands: RwSignal::default(),
            preferences: Memo::new(move |_| session.with(|session| session.preferences)),
        };
        provide_context(state);
        pool::start(move |event| state.hear(event));
        state.follow_link();
        address::on_change(move || state.follow_link());
        Effect::new(move |_| {
            let view = state.view.get();
            address::write(&session.with(|session| link::write(&session.settings, view)));
        });
        state
    }

    /// Takes over what the page's address says.
    fn follow_link(self) {
        match address::read() {
            Ok(Link { settings, view }) => {
                let switched_off = self.session.with_untracked(|session| session.settings.switched_off.clone());
                self.send(Event::Set(Settings { switched_off, ..settings }));
                self.wanted_view.set(view);
            }
            Err(sentence) => self.send(Event::Failed(sentence)),
        }
    }

    /// Progress goes to a signal of its own: it comes often, and nothing else depends on it.
    fn hear(self, event: Event) {
        match event {
            Event::Replied(job, Reply::Progress(share)) => self.progress.update(|progress| {
                progress.insert(job, share);
            }),
            event => {
                if let Event::Replied(job, _) | Event::Died(job, _) = &event {
                    self.progress.update(|progress| {
                        progress.remove(job);
                    });
                }
                let solved = matches!(event, Event::Replied(_, Reply::Solved(_)));
                self.send(event);
                // Parts of the page that were loaded later hear of it.
                if solved {
                    browser::dom::mark("heimdall:solved");
                }
            }
        }
    }

    /// Lets the session take an event in and carries out what follows from it.
    pub(crate) fn send(self, event: Event) {
        let effects = self.session.try_update(|session| session.handle(event)).unwrap_or_default();
        for effect in effects {
            browser::carry_out(effect);
        }
    }

    /// A derived part of the session, recomputed when the session changes and drawn when the part does.
    pub(crate) fn part<T: PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&Session) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.session.with(&part))
    }
}

/// The page's signals.
pub(crate) fn state() -> State {
    expect_context()
}
