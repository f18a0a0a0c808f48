//! The sessions that are shown, and how they are asked for.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

use super::filter::Filter;
use super::session::Session;
use crate::api;

/// How many are shown at first, and how many more at a time.
const STEP: usize = 50;
/// Most that the server gives at once.
const MOST: usize = 200;

#[derive(Default, Deserialize)]
struct Page {
    items: Vec<Session>,
    next: Option<String>,
}

/// One list at a time; while it is asked for, a change is remembered and asked for afterwards.
#[derive(Clone, Copy)]
pub(super) struct Listing {
    pub(super) filter: RwSignal<Filter>,
    /// Nothing until the server answered.
    pub(super) items: RwSignal<Option<Vec<Session>>>,
    /// Why the list is not the newest.
    pub(super) trouble: RwSignal<Option<String>>,
    pub(super) busy: RwSignal<bool>,
    more: RwSignal<bool>,
    wanted: RwSignal<usize>,
    again: StoredValue<bool>,
}

impl Listing {
    /// Asks at once, and whenever the filter or `changes` change.
    pub(super) fn new(changes: RwSignal<u32>) -> Self {
        let new = Self {
            filter: RwSignal::default(),
            items: RwSignal::new(None),
            trouble: RwSignal::new(None),
            busy: RwSignal::new(false),
            more: RwSignal::new(false),
            wanted: RwSignal::new(STEP),
            again: StoredValue::new(false),
        };
        Effect::new(move |_| {
            new.filter.track();
            new.wanted.set(STEP);
        });
        Effect::new(move |_| {
            changes.track();
            new.filter.track();
            new.wanted.track();
            new.refresh();
        });
        new
    }

    pub(super) fn more(self) {
        self.wanted.update(|wanted| *wanted = wanted.saturating_add(STEP));
    }

    pub(super) fn has_more(self) -> bool {
        self.more.get()
    }

    /// "3 sessions"; nothing where there is none.
    pub(super) fn count(self) -> Option<String> {
        let count = self.items.with(|items| items.as_ref().map(Vec::len)).filter(|count| *count > 0)?;
        Some(match (self.has_more(), count) {
            (true, _) => format!("The newest {count} sessions; there are more."),
            (false, 1) => "1 session".to_owned(),
            (false, _) => format!("{count} sessions"),
        })
    }

    pub(super) fn ids(self) -> Memo<Option<Vec<String>>> {
        let id = |session: &Session| session.id.clone();
        Memo::new(move |_| self.items.with(|items| items.as_ref().map(|items| items.iter().map(id).collect())))
    }

    /// One of those that are shown.
    pub(super) fn session(self, id: String) -> Memo<Option<Session>> {
        Memo::new(move |_| self.items.with(|items| items.iter().flatten().find(|session| session.id == id).cloned()))
    }

    /// Asks for what is shown.
    pub(super) fn refresh(self) {
        if self.busy.get_untracked() {
            self.again.set_value(true);
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            // Ends as well when the list is no longer on the page.
            while let (Some(filter), Some(wanted)) = (self.filter.try_get_untracked(), self.wanted.try_get_untracked())
            {
                self.again.set_value(false);
                let answer = fetch(&filter, wanted).await;
                if self.filter.try_get_untracked() == Some(filter) {
                    self.show(answer);
                }
                if !self.again.try_get_value().unwrap_or(false) {
                    break;
                }
            }
            self.busy.set(false);
        });
    }

    fn show(self, answer: Result<Page, String>) {
        match answer {
            Ok(Page { items, next }) => {
                self.items.set(Some(items));
                self.more.set(next.is_some());
                self.trouble.set(None);
            }
            Err(sentence) => self.trouble.set(Some(sentence)),
        }
    }
}

async fn fetch(filter: &Filter, wanted: usize) -> Result<Page, String> {
    let mut all = Page::default();
    loop {
        let limit = wanted.saturating_sub(all.items.len()).min(MOST);
        let after = all.next.map(|next| format!("&after={next}")).unwrap_or_default();
        let page: Page = api::get(&format!("sessions?limit={limit}{after}&{}", filter.query())).await?;
        all.items.extend(page.items);
        all.next = page.next;
        if all.next.is_none() || all.items.len() >= wanted {
            return Ok(all);
        }
    }
}
