//! What was heard, the network, and its answer.

use std::cell::RefCell;

use heimdall_model::{ModelCard, ONNX_FILE, Planes};
use heimdall_pipeline::Detail;
use heimdall_pipeline::network::{CardText, FOLDER, Heard, HeardFacts, NetworkPlan, run};
use heimdall_runtime::Localizer;
use num_complex::Complex32;

use crate::fetch;
use crate::messages::scope;

/// What the worker keeps between requests.
#[derive(Default)]
pub(crate) struct Work {
    heard: Vec<Heard>,
    /// The newest network, with the card that it was loaded by.
    loaded: Option<(CardText, ModelCard, Localizer)>,
}

impl Work {
    pub(crate) fn keep(&mut self, facts: HeardFacts, samples: Vec<Complex32>) {
        self.heard.retain(|heard| heard.facts.id != facts.id);
        self.heard.push(Heard { facts, samples });
    }

    /// The answer, as JSON, of the network of `card`, which is fetched where it is not the one at hand.
    pub(crate) async fn run(work: &RefCell<Self>, card: &CardText, plan: &str) -> Result<String, String> {
        let plan: NetworkPlan = serde_json::from_str(plan).map_err(|error| error.to_string())?;
        if work.borrow().loaded.as_ref().is_none_or(|(at_hand, ..)| at_hand != card) {
            let parsed = ModelCard::parse(card.json.as_bytes()).map_err(|error| error.to_string())?;
            let onnx = fetch::published(&format!("{FOLDER}/{}/{ONNX_FILE}", card.folder), &parsed, ONNX_FILE).await?;
            let localizer = Localizer::load(&parsed, &onnx).map_err(|error| error.to_string())?;
            work.borrow_mut().loaded = Some((card.clone(), parsed, localizer));
        }
        // Only what this plan asks for is of use later on.
        work.borrow_mut().heard.retain(|heard| heard.facts.plan.same_samples(&plan));
        let work = work.borrow();
        let (_, card, localizer) = work.loaded.as_ref().ok_or("The network has gone")?;
        let mut fastest_ms = f64::INFINITY;
        let network = |planes: &Planes| {
            let began_ms = now_ms();
            let answer = localizer.answer(planes).map_err(|error| error.to_string());
            fastest_ms = fastest_ms.min(now_ms() - began_ms);
            answer
        };
        let mut answer = run(card, &plan, &work.heard, Detail::Whole, network)?;
        // The fastest: in the first ones the browser still compiles.
        answer.run_s = Some(fastest_ms * 1e-3).filter(|time| time.is_finite());
        serde_json::to_string(&answer).map_err(|error| error.to_string())
    }
}

/// Of the worker's clock; 0 where it has none.
fn now_ms() -> f64 {
    scope().performance().map_or(0.0, |clock| clock.now())
}
