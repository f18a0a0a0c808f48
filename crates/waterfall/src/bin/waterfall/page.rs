//! What the page and the waterfall say to each other: events of the window.

use heimdall_page::session::Lent;
use heimdall_pipeline::Settings;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, File};

use crate::dom::{document, report, window};

/// The page answers by putting its files and their facts into the event's detail.
const ASK_FILES: &str = "heimdall:files";
/// Tells the page which band and time the experts are to use; the detail is JSON.
const SELECT: &str = "heimdall:select";

/// The scene that is open in the page, and a file for each of its recordings.
pub(crate) fn open_scene() -> Option<(Lent, Vec<File>)> {
    let detail = js_sys::Object::new();
    dispatch(ASK_FILES, &detail)?;
    let part = |name: &str| js_sys::Reflect::get(&detail, &JsValue::from(name)).ok();
    let files: js_sys::Array = part("files")?.dyn_into().ok()?;
    let scene: Lent = match serde_json::from_str(&part("scene")?.as_string()?) {
        Ok(scene) => scene,
        Err(error) => {
            report::<()>(Err(error.to_string().into()));
            return None;
        }
    };
    let file = |index: usize| files.get(u32::try_from(index).ok()?).dyn_into().ok();
    let files: Option<Vec<File>> = scene.recordings.iter().map(|lent| file(lent.file)).collect();
    Some((scene, files?))
}

pub(crate) fn tell(choice: &Settings) {
    let text = serde_json::to_string(choice).unwrap_or_default();
    dispatch(SELECT, &text.into());
}

fn dispatch(name: &str, detail: &JsValue) -> Option<()> {
    let init = CustomEventInit::new();
    init.set_detail(detail);
    let event = CustomEvent::new_with_event_init_dict(name, &init).ok()?;
    window().dispatch_event(&event).ok().map(drop)
}

/// What the page's newest answer says, once it is one to the newest settings.
pub(crate) fn verdict() -> Option<String> {
    let find = |selector: &str| document().query_selector(selector).ok().flatten();
    let current = find("#verdict:not(.stale)").is_some() && find("#progress.busy").is_none();
    find("#verdict .sentence").filter(|_| current)?.text_content()
}
