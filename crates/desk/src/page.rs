//! What the page and the desk say to each other: events of the window.

use std::cell::RefCell;

use heimdall_desk::stations::{Told, told};
use heimdall_page::session::{Lent, LentRecording};
use heimdall_recording::Recording;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, File, PerformanceObserver, PerformanceObserverInit};

/// The page answers by putting its files and what it knows of them into the event's detail.
const ASK_FILES: &str = "heimdall:files";
/// Ending of SigMF's metadata.
pub(crate) const META: &str = ".sigmf-meta";
/// Tells the page that the list of models may have changed, or gives it a list for this page alone.
const MODELS: &str = "heimdall:models";

thread_local! {
    /// The list that this page uses instead of its host's.
    static GIVEN: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The scene that is open in the page.
pub(crate) struct OpenScene {
    /// Its files with samples, as the user dropped them.
    pub(crate) files: Vec<File>,
    /// Metadata of SigMF among the files beside them.
    pub(crate) metadata: Vec<File>,
    /// What the page read of them.
    pub(crate) facts: SceneFacts,
    /// What the page was told of recordings and their files do not say, by the files' names.
    pub(crate) told: Vec<(String, Told)>,
}

/// Facts of a scene; absent where no recording says so.
#[derive(Clone, Debug, Default)]
pub(crate) struct SceneFacts {
    pub(crate) center_frequency_hz: Option<f64>,
    /// Of the first recording.
    pub(crate) start_unix_ms: Option<f64>,
    /// Of the longest.
    pub(crate) duration_s: Option<f64>,
}

impl SceneFacts {
    fn of(lent: &[LentRecording]) -> Self {
        let recordings = || lent.iter().map(|lent| &lent.recording);
        let length = |one: &Recording| Some(one.sample_count as f64 / one.sample_rate_hz.as_ref()?.value);
        let start_ns = recordings().filter_map(|one| Some(one.start_time_unix_ns.as_ref()?.value)).min();
        Self {
            center_frequency_hz: recordings().find_map(|one| Some(one.center_frequency_hz.as_ref()?.value)),
            start_unix_ms: start_ns.map(|ns| ns as f64 * 1e-6),
            duration_s: recordings().filter_map(length).max_by(f64::total_cmp),
        }
    }

    /// Frequency, start and length, where the recordings say all of them.
    pub(crate) fn complete(&self) -> Option<(f64, String, f64)> {
        Some((self.center_frequency_hz?, self.start()?, self.duration_s?))
    }

    /// RFC 3339.
    pub(crate) fn start(&self) -> Option<String> {
        let date = js_sys::Date::new(&self.start_unix_ms?.into());
        Some(String::from(date.to_iso_string()))
    }
}

/// Sends an event with a detail to the page; the detail is as the page left it.
fn send(name: &str, detail: JsValue) -> Option<JsValue> {
    let init = CustomEventInit::new();
    init.set_detail(&detail);
    let event = CustomEvent::new_with_event_init_dict(name, &init).ok()?;
    web_sys::window()?.dispatch_event(&event).ok()?;
    Some(detail)
}

/// Asks the page for what is open in it.
fn ask() -> Option<(js_sys::Array, Lent)> {
    let detail = send(ASK_FILES, js_sys::Object::new().into())?;
    let part = |name: &str| js_sys::Reflect::get(&detail, &JsValue::from(name)).ok();
    let lent = serde_json::from_str(&part("scene")?.as_string()?).ok()?;
    Some((part("files")?.dyn_into().ok()?, lent))
}

/// What is open in the page, to be given to the server.
pub(crate) fn open_scene() -> Option<OpenScene> {
    let (files, lent) = ask()?;
    let file = |index: usize| files.get(u32::try_from(index).ok()?).dyn_into::<File>().ok();
    let told = told(&lent.recordings).into_iter().filter_map(|(index, told)| Some((file(index)?.name(), told)));
    let told = told.collect();
    // A table is no recording, and a collection is made anew for each export.
    let has_samples = |index: u32| lent.recordings.iter().any(|lent| u32::try_from(lent.file) == Ok(index));
    let all = (0..).zip(files.iter().filter_map(|file| file.dyn_into::<File>().ok()));
    let (files, others): (Vec<_>, Vec<_>) = all.partition(|(index, _)| has_samples(*index));
    let metadata = others.into_iter().map(|(_, file)| file).filter(|file| file.name().ends_with(META)).collect();
    let files = files.into_iter().map(|(_, file)| file).collect();
    Some(OpenScene { files, metadata, facts: SceneFacts::of(&lent.recordings), told })
}

/// What the page knows of its scene.
pub(crate) fn lent() -> Option<Lent> {
    Some(ask()?.1)
}

/// Calls `action` after each new answer, for as long as the page is open: the page marks them. It makes few other marks,
/// and they do no harm.
pub(crate) fn on_answer(action: impl Fn() + 'static) {
    let hear = Closure::<dyn FnMut()>::new(action).into_js_value();
    let marks = PerformanceObserverInit::new(&js_sys::Array::of1(&"mark".into()));
    report(PerformanceObserver::new(hear.unchecked_ref()).map(|observer| observer.observe(&marks)));
}

/// Lets this page alone use another list of models, or again that of its host.
pub(crate) fn give_models(list: Option<String>) {
    GIVEN.set(list);
    tell_models_changed();
}

/// The host's list may have changed; a page that was given one keeps that.
pub(crate) fn tell_models_changed() {
    let given = GIVEN.with_borrow(|list| list.as_deref().map_or(JsValue::NULL, JsValue::from));
    let _sent = send(MODELS, given);
}

/// Errors of this program go to the console; the user can do nothing about them.
pub(crate) fn report<T>(result: Result<T, JsValue>) {
    if let Err(error) = result {
        web_sys::console::error_1(&error);
    }
}
