//! The workers: several for recordings, one solver, one for checksums. The module is compiled once for all.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use heimdall_page::protocol::{Reply, Request};
use heimdall_page::session::{Event, FileId, JobId, Lane};
use wasm_bindgen::JsValue;

use super::worker::{Handle, Heard};
use super::{dom, fetch, files, models};

/// Address of the module that Trunk builds for the workers.
const MODULE: &str = "worker_bg.wasm";
const LOADER: &str = "worker-loader.js";
/// Those of the worker that runs networks.
const NETWORK_MODULE: &str = "neural_bg.wasm";
const NETWORK_LOADER: &str = "neural-loader.js";

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
enum NetworkModule {
    #[default]
    Unwanted,
    Loading,
    Ready(JsValue),
}

#[derive(Default)]
struct Pool {
    module: Option<JsValue>,
    /// Of the worker that runs networks; fetched when the first network fits.
    network_module: NetworkModule,
    /// What was heard before that worker was there, with its buffers.
    early: Vec<(JsValue, js_sys::Array)>,
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
                // After all that the first drop needs.
                models::watch(tell);
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
    if lane == Lane::Network {
        load_network();
    }
    with(|pool| {
        pool.queue.push_back(Waiting { job, lane, message });
        pool.assign();
    });
}

/// Moves the samples of an answered job to the worker of another lane, which keeps them.
pub(crate) fn forward(job: JobId, lane: Lane, request: &Request) {
    if lane == Lane::Network {
        load_network();
    }
    with(|pool| {
        let Some(samples) = pool.samples.remove(&job) else { return };
        let message = compose(request, &js_sys::Array::new(), Some(&samples));
        let buffers = js_sys::Array::of1(&samples.buffer());
        if !pool.slots.iter().any(|slot| slot.lane == lane) {
            pool.add(lane);
        }
        match pool.slots.iter().find(|slot| slot.lane == lane) {
            Some(keeper) => dom::report(keeper.handle.post(&message, &buffers)),
            None if lane == Lane::Network => pool.early.push((message, buffers)),
            None => {}
        }
    });
}

/// Fetches a model's card; the answer is like a worker's.
pub(crate) fn fetch_card(job: JobId, folder: String) {
    wasm_bindgen_futures::spawn_local(async move {
        let reply = fetch::card(folder).await.map_or_else(Reply::Failed, Reply::Card);
        tell(Event::Replied(job, reply));
    });
}

/// Fetches and compiles the module that runs networks, once.
fn load_network() {
    let wanted = with(|pool| {
        let wanted = matches!(pool.network_module, NetworkModule::Unwanted);
        if wanted {
            pool.network_module = NetworkModule::Loading;
        }
        wanted
    });
    if !wanted {
        return;
    }
    wasm_bindgen_futures::spawn_local(async {
        match fetch::module(NETWORK_MODULE).await {
            Ok(module) => with(|pool| {
                pool.network_module = NetworkModule::Ready(module);
                pool.add(Lane::Network);
                let keeper = pool.slots.iter().find(|slot| slot.lane == Lane::Network);
                for (message, buffers) in pool.early.drain(..) {
                    keeper.into_iter().for_each(|keeper| dom::report(keeper.handle.post(&message, &buffers)));
                }
                pool.assign();
            }),
            Err(error) => {
                let message = format!("its program could not be loaded: {}", dom::text(&error));
                let jobs: Vec<JobId> = with(|pool| {
                    pool.network_module = NetworkModule::Unwanted;
                    pool.early.clear();
                    let (lost, kept): (VecDeque<_>, VecDeque<_>) =
                        pool.queue.drain(..).partition(|waiting| waiting.lane == Lane::Network);
                    pool.queue = kept;
                    lost.into_iter().map(|waiting| waiting.job).collect()
                });
                tell(Event::NetworkLost);
                jobs.into_iter().for_each(|job| tell(Event::Died(job, message.clone())));
            }
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
        let keeps = matches!(lane, Lane::Solver | Lane::Network);
        pool.slots.retain(|slot| slot.lane != lane || (slot.job.is_none() && !keeps));
        if lane == Lane::Network {
            pool.early.clear();
        }
    });
}

fn compose(request: &Request, files: &js_sys::Array, samples: Option<&js_sys::Float32Array>) -> JsValue {
    let text = serde_json::to_string(request).unwrap_or_default();
    let samples = samples.map_or(JsValue::UNDEFINED, |samples| samples.clone().into());
    js_sys::Array::of3(&text.into(), files, &samples).into()
}

impl Pool {
    fn add(&mut self, lane: Lane) {
        let (loader, module) = match (lane, &self.network_module) {
            (Lane::Network, NetworkModule::Ready(module)) => (NETWORK_LOADER, Some(module)),
            (Lane::Network, _) => (NETWORK_LOADER, None),
            _ => (LOADER, self.module.as_ref()),
        };
        let Some(module) = module else { return };
        self.next_slot += 1;
        let id = self.next_slot;
        match Handle::start(loader, module, move |heard| hear(id, heard)) {
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
    match lane {
        Lane::Solver => tell(Event::SolverLost),
        Lane::Network => tell(Event::NetworkLost),
        Lane::Recordings | Lane::Checksums => {}
    }
    if let Some(job) = job {
        tell(Event::Died(job, message));
    }
    with(Pool::assign);
}
