//! What each command does.

use heimdall_page::commands::{Action, EXPERTS};
use heimdall_page::preferences::Preferences;
use heimdall_page::session::Event;
use leptos::prelude::*;

use crate::browser::dom;
use crate::state::State;

pub(crate) fn act(state: State, action: Action) {
    match action {
        Action::Commands => state.commands.update(|asked| *asked += 1),
        Action::Open => dom::click("file-input"),
        Action::Sample => dom::click("try-sample"),
        Action::Clear => state.send(Event::Cleared),
        Action::Undo => state.send(Event::Undone),
        Action::Redo => state.send(Event::Redone),
        Action::Cancel => state.send(Event::Cancelled),
        Action::Resume => state.send(Event::Resumed),
        Action::CloseUp => {
            state.close_up.update(|asked| *asked += 1);
            dom::bring_into_view("map");
        }
        Action::Look => dom::click_first("[data-look]"),
        Action::News => dom::unfold("happened"),
        Action::Evidence(alone) => listen_to(state, alone),
        Action::Language(language) => prefer(state, |preferences| preferences.language = language),
        Action::Theme(theme) => prefer(state, |preferences| preferences.theme = theme),
        Action::Units(units) => prefer(state, |preferences| preferences.units = units),
        Action::Notation(notation) => prefer(state, |preferences| preferences.notation = notation),
        Action::SaveSession => state.send(Event::SessionWanted),
        Action::Print => dom::print(),
        Action::Export(format) => state.send(Event::ExportWanted(format)),
    }
}

/// Lets one kind of evidence alone speak, or all.
pub(crate) fn listen_to(state: State, alone: Option<&str>) {
    let mut settings = state.session.with_untracked(|session| session.settings.clone());
    let others = EXPERTS.iter().map(|(expert, _)| *expert).filter(|expert| alone.is_some_and(|alone| alone != *expert));
    settings.experts_off = others.map(str::to_owned).collect();
    state.send(Event::Set(settings));
}

/// Changes how things are shown.
pub(crate) fn prefer(state: State, change: impl FnOnce(&mut Preferences)) {
    let mut preferences = state.preferences.get_untracked();
    change(&mut preferences);
    state.send(Event::Preferred(preferences));
}
