//! The page by the rules of WCAG 2.2 AA, as far as a program can check them: axe-core finds nothing in any state.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::path::PathBuf;
use std::time::Duration;

use heimdall_browser_tests::{Options, Page, in_browser};
use serde_json::{Value, json};

/// What axe finds: rule, why, and the elements.
const CHECK: &str = r"
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
return axe.run(document, { runOnly: { type: 'tag', values: tags } }).then(({ violations, passes }) => ({
  passes: passes.length,
  violations: violations.map(({ id, help, nodes }) => [id, help, nodes.map(({ target, failureSummary }) => [target.join(' '), failureSummary])]),
}));
";

fn axe() -> String {
    let path = std::env::var_os("HEIMDALL_AXE").map(PathBuf::from);
    let path = path.expect("HEIMDALL_AXE names axe.min.js: call `cargo xtask test --stage browser`");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What axe finds in both colour schemes.
async fn found(page: &Page, state: &str) -> Vec<String> {
    let mut found = Vec::new();
    for scheme in ["light", "dark"] {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        page.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
        // Colours that fade are judged once they have come to rest.
        tokio::time::sleep(Duration::from_millis(400)).await;
        let answer = page.script(CHECK).await;
        assert!(answer["passes"].as_u64().is_some_and(|passes| passes > 10), "axe looked at little: {answer}");
        let violations = answer["violations"].as_array().unwrap();
        found.extend(violations.iter().map(|violation| format!("{state}, {scheme}: {violation:#}")));
    }
    found
}

#[test]
fn axe_finds_nothing_against_the_page_in_any_state() {
    for phone in [false, true] {
        let found = in_browser(Options { phone, ..Options::default() }, async move |page| {
            page.script(&axe()).await;
            let mut found = found(&page, "empty").await;
            page.click("#try-sample").await;
            page.settled_with_network().await;
            found.extend(self::found(&page, "located").await);
            page.script("document.querySelectorAll('details').forEach(details => details.open = true)").await;
            found.extend(self::found(&page, "all details").await);
            let folder = tempfile::tempdir().unwrap();
            let refused = folder.path().join("picture.wav");
            std::fs::write(&refused, b"\x89PNG\r\n\x1a\n not a recording").unwrap();
            page.choose(&[refused]).await;
            page.text_of("[data-refused='picture.wav']").await;
            found.extend(self::found(&page, "a file refused").await);
            page.click("[data-look]").await;
            page.wait("a waterfall", async || page.text_content("#waterfall-coverage").await.map(drop)).await;
            found.extend(self::found(&page, "waterfall").await);
            found
        });
        assert!(
            found.is_empty(),
            "{}: {} violations\n{}",
            if phone { "phone" } else { "desktop" },
            found.len(),
            found.join("\n")
        );
    }
}

#[test]
fn the_whole_job_is_done_by_keyboard() {
    in_browser(Options::default(), async |page| {
        let focused = async || {
            let script = "const element = document.activeElement; const box = element.getBoundingClientRect();
                return { id: element.id, tag: element.tagName, text: element.textContent.trim().slice(0, 40),
                    outline: getComputedStyle(element).outlineStyle, height: box.height }";
            page.script(script).await
        };
        // From the top, in order, to what is looked for; every stop on the way is seen.
        let to = async |id: &str| {
            for _ in 0..80 {
                page.press("Tab").await;
                let at = focused().await;
                if at["tag"] != "BODY" {
                    assert_ne!(at["outline"], "none", "the focus cannot be seen: {at}");
                }
                if at["id"] == id {
                    return;
                }
            }
            panic!("the focus never comes to {id}");
        };
        to("try-sample").await;
        page.press("Enter").await;
        let answer = page.settled().await;
        assert_eq!(answer.verdict, "located", "{answer:?}");
        to("export-json").await;
        page.press("Enter").await;
        let saved = page.saved("json").await;
        let report: Value = serde_json::from_slice(&std::fs::read(saved).unwrap()).unwrap();
        assert_eq!(report["synthetic"], true);
    });
}
