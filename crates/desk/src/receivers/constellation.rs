//! A constellation in the list.

use leptos::prelude::*;

use super::constellation_form::ConstellationForm;
use super::{Doing, Rack, row_id};

#[component]
pub(super) fn ConstellationRow(id: String) -> impl IntoView {
    let rack: Rack = expect_context();
    let wanted = id.clone();
    let constellation =
        Memo::new(move |_| rack.constellations.with(|all| all.iter().flatten().find(|one| one.id == wanted).cloned()));
    let doing = Doing::Constellation(Some(id.clone()));
    let (this, edits) = (doing.clone(), Memo::new(move |_| rack.doing.with(|now| now.as_ref() == Some(&doing))));
    let edit = move |_| rack.doing.set(Some(this.clone()));
    let delete = move |_| {
        if let Some(constellation) = constellation.get_untracked() {
            rack.delete(constellation);
        }
    };
    let name = move || constellation.with(|one| one.as_ref().map(|one| one.draft.name.clone()).unwrap_or_default());
    let members = move || {
        let ids = constellation.with(|one| one.as_ref().map(|one| one.draft.receivers.clone()).unwrap_or_default());
        let names: Vec<String> = ids.iter().map(|id| rack.name_of(id)).collect();
        format!("{}: {}", counted(names.len()), names.join(", "))
    };
    view! {
        <li id=row_id(&id) tabindex="-1" data-constellation=name>
            <span class="name">{name}</span>
            <span class="small">{members}</span>
            <span class="buttons" role="group" aria-label=name>
                <button type="button" class="edit" on:click=edit>"Edit"</button>
                <button type="button" class="delete" on:click=delete>"Delete"</button>
            </span>
            {move || edits.get().then(|| constellation.get_untracked()).flatten().map(|seen| view! { <ConstellationForm seen/> })}
        </li>
    }
}

impl Rack {
    /// The name of a receiver; its id where the list is older than it.
    pub(super) fn name_of(self, id: &str) -> String {
        let name = self.receivers.with(|all| Some(all.iter().flatten().find(|one| one.id == id)?.draft.name.clone()));
        name.unwrap_or_else(|| id.to_owned())
    }
}

/// "4 receivers".
pub(super) fn counted(receivers: usize) -> String {
    if receivers == 1 { "1 receiver".to_owned() } else { format!("{receivers} receivers") }
}
