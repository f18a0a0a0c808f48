//! The workers that compute tiles. All know all recordings; each has a piece at hand and one to go on with.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use heimdall_page::session::LentRecording;
use heimdall_waterfall::{Piece, Reply, Request};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ErrorEvent, File, MessageEvent, Response, Worker};

use crate::dom::{report, text, window};

const MODULE: &str = "tiles_bg.wasm";
const LOADER: &str = "tiles-loader.js";
/// So that a worker need not wait for the next frame.
const JOBS: usize = 2;

/// What a worker was asked for.
#[derive(Clone, Copy)]
pub(crate) enum Job {
    Piece(Piece),
    /// A stretch of samples; the answer goes to whoever asked for this number.
    Samples(u32),
}

/// What came of it.
pub(crate) enum Outcome {
    Levels(Piece, Vec<i16>),
    Samples(u32, js_sys::Float32Array),
    Failed(Job, String),
}

struct Slot {
    worker: Worker,
    jobs: Rc<RefCell<VecDeque<Job>>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// Workers that end when this is dropped.
pub(crate) struct Pool {
    slots: Vec<Slot>,
}

impl Pool {
    /// Starts the workers and gives them the recordings; `hear` is told what comes back.
    pub(crate) fn start(
        module: &JsValue,
        recordings: &[LentRecording],
        files: &[File],
        hear: impl Fn(Outcome) + Clone + 'static,
    ) -> Result<Self, JsValue> {
        let cores = window().navigator().hardware_concurrency() as usize;
        let slots = (0..cores.saturating_sub(1).clamp(1, 4)).map(|_| {
            let slot = Slot::start(module, hear.clone())?;
            for (lane, (lent, file)) in recordings.iter().zip(files).enumerate() {
                let request = Request::Open { lane: lane as u32, recording: Box::new(lent.recording.clone()) };
                slot.post(&request, file)?;
            }
            Ok(slot)
        });
        Ok(Self { slots: slots.collect::<Result<_, JsValue>>()? })
    }

    /// True where a worker can take another job.
    pub(crate) fn has_room(&self) -> bool {
        self.slots.iter().any(|slot| slot.jobs.borrow().len() < JOBS)
    }

    pub(crate) fn compute(&self, piece: Piece) {
        self.give(Job::Piece(piece), &Request::Piece(piece));
    }

    /// Asks for samples; the outcome has this number.
    pub(crate) fn read(&self, number: u32, lane: u32, first: u64, count: u32) {
        self.give(Job::Samples(number), &Request::Samples { lane, first, count });
    }

    fn give(&self, job: Job, request: &Request) {
        let Some(slot) = self.slots.iter().min_by_key(|slot| slot.jobs.borrow().len()) else { return };
        slot.jobs.borrow_mut().push_back(job);
        report(slot.post(request, &JsValue::UNDEFINED));
    }
}

impl Slot {
    fn start(module: &JsValue, hear: impl Fn(Outcome) + Clone + 'static) -> Result<Self, JsValue> {
        let worker = Worker::new(LOADER)?;
        let jobs = Rc::new(RefCell::new(VecDeque::new()));
        let (asked, told) = (Rc::clone(&jobs), hear.clone());
        let message = Closure::new(move |event: MessageEvent| {
            // Answers come in the order of the questions.
            let job = asked.borrow_mut().pop_front();
            if let Some(outcome) = job.and_then(|job| read(job, &event.data())) {
                told(outcome);
            }
        });
        let asked = Rc::clone(&jobs);
        let error = Closure::new(move |event: ErrorEvent| {
            event.prevent_default();
            let reason = js_sys::Reflect::get(&event, &"message".into()).ok().and_then(|text| text.as_string());
            let reason = reason.unwrap_or_else(|| "it could not be loaded".to_owned());
            let lost: Vec<Job> = asked.borrow_mut().drain(..).collect();
            for job in lost {
                hear(Outcome::Failed(job, format!("The waterfall's worker ended: {reason}. Close and look again.")));
            }
        });
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        worker.post_message(module)?;
        Ok(Self { worker, jobs, _on_message: message, _on_error: error })
    }

    fn post(&self, request: &Request, file: &JsValue) -> Result<(), JsValue> {
        let text = serde_json::to_string(request).unwrap_or_default();
        self.worker.post_message(&js_sys::Array::of2(&text.into(), file))
    }
}

fn read(job: Job, message: &JsValue) -> Option<Outcome> {
    let parts: &js_sys::Array = message.dyn_ref()?;
    let reply = serde_json::from_str(&parts.get(0).as_string()?);
    Some(match (reply.unwrap_or_else(|error| Reply::Failed(error.to_string())), job) {
        (Reply::Failed(sentence), job) => Outcome::Failed(job, sentence),
        (Reply::Done, Job::Piece(piece)) => {
            Outcome::Levels(piece, parts.get(1).dyn_into::<js_sys::Int16Array>().ok()?.to_vec())
        }
        (Reply::Done, Job::Samples(number)) => Outcome::Samples(number, parts.get(1).dyn_into().ok()?),
    })
}

thread_local! {
    static COMPILED: RefCell<Option<JsValue>> = const { RefCell::new(None) };
}

/// The workers' module, fetched and compiled once.
pub(crate) async fn module() -> Result<JsValue, String> {
    if let Some(module) = COMPILED.with_borrow(Clone::clone) {
        return Ok(module);
    }
    let module = compile().await.map_err(|error| {
        format!("The waterfall's worker could not be loaded ({}). Check the connection and look again.", text(&error))
    })?;
    COMPILED.with_borrow_mut(|compiled| *compiled = Some(module.clone()));
    Ok(module)
}

/// Compiles while it loads; hosts that do not name the media type make it wait for the whole module.
async fn compile() -> Result<JsValue, JsValue> {
    let streamed = js_sys::WebAssembly::compile_streaming(&window().fetch_with_str(MODULE));
    if let Ok(module) = JsFuture::from(streamed).await {
        return Ok(module);
    }
    let response: Response = JsFuture::from(window().fetch_with_str(MODULE)).await?.dyn_into()?;
    let bytes = JsFuture::from(response.array_buffer()?).await?;
    JsFuture::from(js_sys::WebAssembly::compile(&js_sys::Uint8Array::new(&bytes).into())).await
}
