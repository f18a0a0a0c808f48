//! The workers: several for recordings, one solver, one for checksums. The module is compiled once for all.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use heimdall_page::protocol::{Reply, Request};
use heimdall_page::session::{Event, FileId, JobId, Lane};
use wasm_bindgen::JsValue;

use super::worker::{Handle, Heard};
use super::{dom, fetch, files};

/// Address of the module that Trunk builds for the workers.
const MODULE: &str = "worker_bg.wasm";

struct Slot {
    id: u32,
    lane: Lane,
    handle: Handle,
    job: Option<JobId>,
}

struct Waiting {
    job: JobId,
    lane: Lane,
    message: JsValue,
}

#[derive(Default)]
struct Pool {
    module: Option<JsValue>,
    slots: Vec<Slot>,
    queue: VecDeque<Waiting>,
    samples: HashMap<JobId, js_sys::Float32Array>,
    next_slot: u32,
    loading: Option<js_sys::Promise>,
    tell: Option<Rc<dyn Fn(Event)>>,
}

thread_local! {
    static POOL: RefCell<Pool> = RefCell::default();
}

fn with<T>(action: impl FnOnce(&mut Pool) -> T) -> T {
    POOL.with_borrow_mut(action)
}

/// The session may answer with new jobs, so the pool must not be borrowed here.
fn tell(event: Event) {
    if let Some(tell) = with(|pool| pool.tell.clone()) {
        tell(event);
    }
}

/// Fetches and compiles the workers' module and starts them, so that the first drop finds them ready.
pub(crate) fn start(hear: impl Fn(Event) + 'static) {
    with(|pool| pool.tell = Some(Rc::new(hear)));
    let loading = wasm_bindgen_futures::future_to_promise(fetch::module(MODULE));
    with(|pool| pool.loading = Some(loading.clone()));
    wasm_bindgen_futures::spawn_local(async {
        match wasm_bindgen_futures::JsFuture::from(loading).await {
            Ok(module) => {
                with(|pool| {
                    pool.module = Some(module);
                    (0..width(Lane::Recordings)).for_each(|_| pool.add(Lane::Recordings));
                    pool.add(Lane::Solver);
                    pool.assign();
                });
            }
            Err(error) => {
                let message = format!("the program could not be loaded, reload the page: {}", dom::text(&error));
                let jobs: Vec<JobId> = with(|pool| pool.queue.drain(..).map(|waiting| waiting.job).collect());
                jobs.into_iter().for_each(|job| tell(Event::Died(job, message.clone())));
            }
        }
    });
}

/// Waits until the workers' module is there, or is known to be unavailable.
pub(crate) async fn loaded() {
    let promise = with(|pool| pool.loading.clone());
    if let Some(promise) = promise {
        // Its failure is told where the module is awaited.
        let _outcome = wasm_bindgen_futures::JsFuture::from(promise).await;
    }
}

/// How many workers a lane has at most.
fn width(lane: Lane) -> usize {
    if lane == Lane::Recordings { dom::cores().clamp(1, 4) } else { 1 }
}

/// Gives a job to a free worker of its lane, now or later.
pub(crate) fn submit(job: JobId, lane: Lane, request: &Request, file_ids: &[FileId]) {
    let message = compose(request, &files::take(file_ids), None);
    with(|pool| {
        pool.queue.push_back(Waiting { job, lane, message });
        pool.assign();
    });
}

/// Moves the samples of an answered job to the solver.
pub(crate) fn forward(job: JobId, request: &Request) {
    with(|pool| {
        let Some(samples) = pool.samples.remove(&job) else { return };
        let message = compose(request, &js_sys::Array::new(), Some(&samples));
        if !pool.slots.iter().any(|slot| slot.lane == Lane::Solver) {
            pool.add(Lane::Solver);
        }
        if let Some(solver) = pool.slots.iter().find(|slot| slot.lane == Lane::Solver) {
            dom::report(solver.handle.post(&message, &js_sys::Array::of1(&samples.buffer())));
        }
    });
}

/// Takes a job back, by ending its worker where it has begun.
pub(crate) fn abort(job: JobId) {
    with(|pool| {
        pool.queue.retain(|waiting| waiting.job != job);
        pool.slots.retain(|slot| slot.job != Some(job));
        pool.samples.remove(&job);
        pool.assign();
    });
}

/// Ends all work of a lane.
pub(crate) fn empty(lane: Lane) {
    with(|pool| {
        pool.queue.retain(|waiting| waiting.lane != lane);
        pool.slots.retain(|slot| slot.lane != lane || (slot.job.is_none() && lane != Lane::Solver));
    });
}

fn compose(request: &Request, files: &js_sys::Array, samples: Option<&js_sys::Float32Array>) -> JsValue {
    let text = serde_json::to_string(request).unwrap_or_default();
    let samples = samples.map_or(JsValue::UNDEFINED, |samples| samples.clone().into());
    js_sys::Array::of3(&text.into(), files, &samples).into()
}

impl Pool {
    fn add(&mut self, lane: Lane) {
        let Some(module) = &self.module else { return };
        self.next_slot += 1;
        let id = self.next_slot;
        match Handle::start(module, move |heard| hear(id, heard)) {
            Ok(handle) => self.slots.push(Slot { id, lane, handle, job: None }),
            Err(error) => dom::report::<()>(Err(error)),
        }
    }

    /// Hands waiting jobs to free workers and starts workers where a lane may have more.
    fn assign(&mut self) {
        let mut waiting = std::mem::take(&mut self.queue);
        while let Some(next) = waiting.pop_front() {
            let free = |slot: &Slot| slot.lane == next.lane && slot.job.is_none();
            if !self.slots.iter().any(free) && self.count(next.lane) < width(next.lane) {
                self.add(next.lane);
            }
            let Some(slot) = self.slots.iter_mut().find(|slot| free(slot)) else {
                self.queue.push_back(next);
                continue;
            };
            slot.job = Some(next.job);
            dom::report(slot.handle.post(&next.message, &js_sys::Array::new()));
        }
    }

    fn count(&self, lane: Lane) -> usize {
        self.slots.iter().filter(|slot| slot.lane == lane).count()
    }
}

fn hear(slot_id: u32, heard: Heard) {
    match heard {
        Heard::Reply(reply, samples) => hear_reply(slot_id, *reply, samples),
        Heard::Death(message) => hear_death(slot_id, message),
    }
}

fn hear_reply(slot_id: u32, reply: Reply, samples: Option<js_sys::Float32Array>) {
    let job = with(|pool| {
        let slot = pool.slots.iter_mut().find(|slot| slot.id == slot_id)?;
        let job = slot.job?;
        if !matches!(reply, Reply::Progress(_)) {
            slot.job = None;
        }
        if let Some(samples) = samples {
            pool.samples.insert(job, samples);
        }
        pool.assign();
        Some(job)
    });
    if let Some(job) = job {
        tell(Event::Replied(job, reply));
        // Samples that the session did not want are let go.
        with(|pool| pool.samples.remove(&job));
    }
}

fn hear_death(slot_id: u32, message: String) {
    let dead = with(|pool| {
        let index = pool.slots.iter().position(|slot| slot.id == slot_id)?;
        Some(pool.slots.remove(index))
    });
    let Some(Slot { lane, job, .. }) = dead else { return };
    if lane == Lane::Solver {
        tell(Event::SolverLost);
    }
    if let Some(job) = job {
        tell(Event::Died(job, message));
    }
    with(Pool::assign);
}
