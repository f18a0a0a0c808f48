//! The samples beside the first: what each teaches, in the page.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use heimdall_browser_tests::{Options, in_browser};

#[test]
fn each_sample_answers_what_it_teaches() {
    for (button, verdict) in
        [("#try-level-only", "region"), ("#try-not-locatable", "not_locatable"), ("#try-reference-aligned", "located")]
    {
        in_browser(Options::default(), async move |page| {
            page.click(button).await;
            let answer = page.settled().await;
            assert_eq!(answer.verdict, verdict, "{button}: {answer:?}");
            assert!(answer.text.contains("simulated"), "{answer:?}");
        });
    }
}
