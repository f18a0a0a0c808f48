//! What is different from the version before.

use heimdall_desk::changes::{changes, config_changes, predecessor};
use heimdall_model::{IndexEntry, ModelCard};
use heimdall_page::format;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Shared, fetch};

/// The training configuration beside a card.
const CONFIG_FILE: &str = "config.yaml";

#[component]
pub(super) fn Changelog(entry: IndexEntry, version: String, card: ModelCard) -> impl IntoView {
    let Shared { trouble, .. } = expect_context();
    let sentences = RwSignal::new(None::<Vec<String>>);
    let before = predecessor(&entry.versions, &version, card.parent_version.as_deref()).map(str::to_owned);
    if let Some(before) = before.clone() {
        let (older, newer) = (format!("{}/{before}", entry.folder), format!("{}/{version}", entry.folder));
        spawn_local(async move {
            match compared(&older, &newer, &card).await {
                Ok(found) => sentences.set(Some(found)),
                Err(sentence) => trouble.set(Some(sentence)),
            }
        });
    }
    move || {
        let (before, sentences) = (before.clone()?, sentences.get()?);
        let list = if sentences.is_empty() {
            vec!["Nothing that cards and configurations tell.".to_owned()]
        } else {
            sentences
        };
        let items = list.into_iter().map(|sentence| view! { <li>{format::tied(&sentence)}</li> }).collect_view();
        Some(view! {
            <div class="changelog">
                <h4>{format!("Since {before}")}</h4>
                <ul>{items}</ul>
            </div>
        })
    }
}

/// Differences of the versions in two folders, of which the newer one's card is at hand.
async fn compared(older: &str, newer: &str, card: &ModelCard) -> Result<Vec<String>, String> {
    let before: ModelCard = fetch::json(&format!("{older}/metadata.json")).await?;
    let mut sentences = changes(&before, card);
    if before.file(CONFIG_FILE).is_some() && card.file(CONFIG_FILE).is_some() {
        let text = async |folder: &str| fetch::text(&format!("{folder}/{CONFIG_FILE}")).await;
        sentences.extend(config_changes(&text(older).await?, &text(newer).await?));
    }
    Ok(sentences)
}
