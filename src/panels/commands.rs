//! The list of commands: found by words, done with a key, and the help for what the keys are.

use heimdall_page::commands::{COMMANDS, Command};
use leptos::ev::KeyboardEvent;
use leptos::html::Dialog;
use leptos::prelude::*;

use crate::act::act;
use crate::browser::dom;
use crate::state::{State, state};

#[component]
pub(crate) fn Commands() -> impl IntoView {
    let state = state();
    let element = NodeRef::<Dialog>::new();
    let is_open = RwSignal::new(false);
    Effect::new(move |asked: Option<u32>| {
        let now = state.commands.get();
        if asked.is_some_and(|before| before != now) {
            is_open.set(true);
        }
        now
    });
    // The field is there when the dialog opens, and gets the focus.
    Effect::new(move |_| {
        if let (true, Some(dialog)) = (is_open.get(), element.get()) {
            request_animation_frame(move || crate::browser::dom::report(dialog.show_modal()));
        }
    });
    let done = move |action| {
        element.get_untracked().into_iter().for_each(|dialog| dialog.close());
        act(state, action);
    };
    // A click beside the list meets the dialog itself.
    let beside = move |event: leptos::ev::MouseEvent| {
        if let Some(dialog) = element.get_untracked().filter(|dialog| event.target().as_ref() == Some(dialog.as_ref()))
        {
            dialog.close();
        }
    };
    view! {
        <dialog id="commands" node_ref=element aria-label="All commands and keys" on:close=move |_| is_open.set(false) on:click=beside>
            {move || is_open.get().then(|| view! { <List state done/> })}
        </dialog>
    }
}

/// What can be done now comes first.
fn found(state: State, words: &str) -> (Vec<&'static Command>, usize) {
    state.session.with(|session| {
        let matching = || COMMANDS.iter().filter(|command| command.matches(words, dom::says));
        let mut list: Vec<_> = matching().filter(|command| command.is_available(session)).collect();
        let available = list.len();
        list.extend(matching().filter(|command| !command.is_available(session)));
        (list, available)
    })
}

#[component]
fn List(state: State, done: impl Fn(heimdall_page::commands::Action) + Copy + Send + 'static) -> impl IntoView {
    let (words, at) = (RwSignal::new(String::new()), RwSignal::new(0_usize));
    let pressed = move |event: KeyboardEvent| {
        let (list, available) = words.with_untracked(|words| untrack(|| found(state, words)));
        let last = available.saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => at.update(|at| *at = if *at >= last { 0 } else { *at + 1 }),
            "ArrowUp" => at.update(|at| *at = at.checked_sub(1).unwrap_or(last)),
            "Enter" => {
                let chosen = list.get(at.get_untracked()).filter(|_| at.get_untracked() < available);
                chosen.into_iter().for_each(|command| done(command.action));
            }
            _ => return,
        }
        event.prevent_default();
        crate::browser::dom::keep_in_view(&format!("command-{}", at.get_untracked()));
    };
    let rows = move || {
        let (list, available) = words.with(|words| found(state, words));
        let row = |(index, command): (usize, &'static Command)| {
            let action = command.action;
            view! {
                <li
                    id=format!("command-{index}")
                    role="option"
                    aria-selected=move || (at.get() == index).to_string()
                    aria-disabled=(index >= available).to_string()
                    on:click=move |_| if index < available { done(action) }
                >
                    <b>{command.name}</b>
                    <span class="small">{command.does}</span>
                    <kbd>{command.keys_text()}</kbd>
                </li>
            }
        };
        list.into_iter().enumerate().map(row).collect::<Vec<_>>()
    };
    view! {
        <input
            type="text" id="command-words" placeholder="What would you like to do?" aria-label="Find a command" autofocus autocomplete="off"
            role="combobox" aria-expanded="true" aria-controls="command-list"
            aria-activedescendant=move || format!("command-{}", at.get())
            on:input=move |event| { words.set(event_target_value(&event)); at.set(0); }
            on:keydown=pressed
        />
        <ul id="command-list" role="listbox" aria-label="Commands">{rows}</ul>
    }
}
