//! The page in Italian: switched while it is open, its sentences too, and back again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use heimdall_browser_tests::{Options, Page, in_browser, screenshots};
use serde_json::json;

/// Texts that are seen and hold an English word which no Italian text holds.
const ENGLISH: &str = r"
const words = /\b(the|and|with|from|this|that|are|which|what|here|without|between|takes|recording|level|about|alone|choose|open|save|show|look)\b/i;
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const found = [];
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const owner = node.parentElement;
  if (/SCRIPT|STYLE|NOSCRIPT/.test(owner.tagName) || !owner.checkVisibility()) continue;
  if (words.test(node.data)) found.push(node.data);
}
for (const element of document.querySelectorAll('[title], [placeholder], [aria-label]')) {
  if (!element.checkVisibility()) continue;
  for (const name of ['title', 'placeholder', 'aria-label']) {
    if (words.test(element.getAttribute(name) ?? '')) found.push(element.getAttribute(name));
  }
}
return found;
";

async fn english(page: &Page) -> Vec<String> {
    serde_json::from_value(page.script(ENGLISH).await).unwrap()
}

async fn says(page: &Page, selector: &str, words: &str) {
    page.wait(words, async || page.text_content(selector).await.filter(|text| text.contains(words))).await;
}

#[test]
fn every_text_is_italian_where_that_was_chosen_and_english_again_afterwards() {
    in_browser(Options::default(), async |page| {
        page.command("Italiano").await;
        says(&page, "h2", "Trascina qui le registrazioni").await;
        assert_eq!(english(&page).await, Vec::<String>::new(), "before anything was dropped");
        page.picture(&screenshots().join("desktop-empty-italian.png")).await;

        page.click("#try-sample").await;
        assert_eq!(page.settled().await.verdict, "located");
        says(&page, "#verdict .sentence", "Localizzato presso").await;
        page.script("document.querySelectorAll('details').forEach(details => { details.open = true; })").await;
        assert_eq!(english(&page).await, Vec::<String>::new(), "with an answer");
        page.picture(&screenshots().join("desktop-located-italian.png")).await;

        page.click("[data-look]").await;
        says(&page, "#waterfall-coverage", "ogni campione mostrato").await;
        assert_eq!(english(&page).await, Vec::<String>::new(), "in the waterfall");
        page.click("#close-waterfall").await;

        // Commands are found by their Italian words too, and by their English ones.
        page.command("colori scuri").await;
        assert_eq!(page.script("return document.documentElement.dataset.theme").await, "dark");
        page.command("English").await;
        says(&page, "#verdict .sentence", "Located near").await;
        assert_eq!(page.script("return document.documentElement.lang").await, "en");
        assert_eq!(page.text_of("#why summary").await, "Understand this fix");

        // It is remembered.
        page.command("Italiano").await;
        page.reload().await;
        says(&page, "h2", "Trascina qui le registrazioni").await;
        let title = page.script("return document.title").await;
        assert_eq!(title, json!("Heimdall: da dove viene un segnale radio"));
    });
}
