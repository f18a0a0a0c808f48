//! What the page and the desk say to each other: events of the window.

use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, Event, File};

/// The page answers by putting its files and their facts into the event's detail.
const ASK_FILES: &str = "heimdall:files";
/// Tells the page that the list of models may have changed.
const MODELS: &str = "heimdall:models";

/// The scene that is open in the page.
pub(crate) struct OpenScene {
    /// Its files as the user dropped them.
    pub(crate) files: Vec<File>,
    /// What the page read of them.
    pub(crate) facts: SceneFacts,
}

/// Facts of a scene; absent where no recording says so.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct SceneFacts {
    pub(crate) center_frequency_hz: Option<f64>,
    pub(crate) start_unix_ms: Option<f64>,
    pub(crate) duration_s: Option<f64>,
}

impl SceneFacts {
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

/// Asks the page for what is open in it.
pub(crate) fn open_scene() -> Option<OpenScene> {
    let detail = js_sys::Object::new();
    let init = CustomEventInit::new();
    init.set_detail(&detail);
    let event = CustomEvent::new_with_event_init_dict(ASK_FILES, &init).ok()?;
    web_sys::window()?.dispatch_event(&event).ok()?;
    let part = |name: &str| js_sys::Reflect::get(&detail, &JsValue::from(name)).ok();
    let files: js_sys::Array = part("files")?.dyn_into().ok()?;
    let facts = part("facts").and_then(|text| text.as_string()).unwrap_or_default();
    Some(OpenScene {
        files: files.iter().filter_map(|file| file.dyn_into().ok()).collect(),
        facts: serde_json::from_str(&facts).unwrap_or_default(),
    })
}

pub(crate) fn tell_models_changed() {
    if let (Some(window), Ok(event)) = (web_sys::window(), Event::new(MODELS)) {
        report(window.dispatch_event(&event));
    }
}

/// Errors of this program go to the console; the user can do nothing about them.
pub(crate) fn report<T>(result: Result<T, JsValue>) {
    if let Err(error) = result {
        web_sys::console::error_1(&error);
    }
}
