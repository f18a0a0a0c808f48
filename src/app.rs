//! The page: header, panels beside the map, and the drop anywhere on it.

use heimdall_page::session::Event;
use heimdall_pipeline::Settings;
use leptos::ev;
use leptos::prelude::*;

use crate::browser::{dom, files};
use crate::keys;
use crate::map::MapPanel;
use crate::panels::commands::Commands;
use crate::panels::empty::Empty;
use crate::panels::exports::Exports;
use crate::panels::header::Header;
use crate::panels::news::NewsList;
use crate::panels::pairs::Pairs;
use crate::panels::progress::{Message, Progress};
use crate::panels::recordings::Recordings;
use crate::panels::settings::SettingsPanel;
use crate::panels::verdict::VerdictCard;
use crate::panels::why::Why;
use crate::state::State;

/// All of it.
#[component]
pub(crate) fn Page() -> impl IntoView {
    let state = State::provide();
    files::lend(move || state.session.with_untracked(heimdall_page::session::Session::lent));
    // A selection in the waterfall: band and time as JSON of settings, which change nothing else.
    dom::listen("heimdall:select", move |detail| {
        let chosen = detail.as_string().and_then(|text| serde_json::from_str::<Settings>(&text).ok());
        if let Some(Settings { band, window, .. }) = chosen {
            let old = state.session.with_untracked(|session| session.settings.clone());
            state.send(Event::Set(Settings { band, window, ..old }));
        }
    });
    let theme = Memo::new(move |_| state.preferences.get().theme);
    dom::on_theme_change(move || dom::show_theme(theme.get_untracked()));
    Effect::new(move |_| dom::show_theme(theme.get()));
    let language = Memo::new(move |_| state.preferences.get().language);
    Effect::new(move |_| dom::show_language(language.get()));
    keys::listen(state);
    let empty = state.part(heimdall_page::session::Session::is_empty);
    let panels = move || {
        if empty.get() {
            view! { <Empty/> }.into_any()
        } else {
            view! {
                <VerdictCard/>
                <Exports/>
                <Recordings/>
                <Pairs/>
                <Why/>
                <SettingsPanel/>
            }
            .into_any()
        }
    };
    view! {
        <Header/>
        <main>
            <div class="panels">
                <Progress/>
                <Message/>
                {panels}
                <NewsList/>
                <Footer/>
            </div>
            <MapPanel/>
        </main>
        <DropTarget/>
        <Commands/>
    }
}

/// The whole window takes files; the veil says so while they hover.
#[component]
fn DropTarget() -> impl IntoView {
    let state = crate::state::state();
    let hovering = RwSignal::new(false);
    let over = window_event_listener(ev::dragover, move |event| {
        event.prevent_default();
        hovering.set(true);
    });
    let leave = window_event_listener(ev::dragleave, move |event| {
        // Only the window's edge has nothing to go to.
        if event.related_target().is_none() {
            hovering.set(false);
        }
    });
    let drop = window_event_listener(ev::drop, move |event| {
        event.prevent_default();
        hovering.set(false);
        let files = files::dropped(&event);
        if !files.is_empty() {
            state.send(Event::Dropped(files));
        }
    });
    on_cleanup(move || {
        over.remove();
        leave.remove();
        drop.remove();
    });
    move || hovering.get().then(|| view! { <div class="veil" aria-hidden="true"><p>"Drop to open"</p></div> })
}

#[component]
fn Footer() -> impl IntoView {
    view! {
        <footer>
            "Heimdall " {env!("CARGO_PKG_VERSION")} " · everything is computed in this browser · outlines: Natural Earth · map: Leaflet"
        </footer>
    }
}
