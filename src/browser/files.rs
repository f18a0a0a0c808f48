//! The user's files: coming in by drop or choice, going out as downloads.

use std::cell::RefCell;
use std::collections::HashMap;

use heimdall_page::session::{FileId, Lent, Part};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, DragEvent, File, FileList, HtmlAnchorElement, HtmlInputElement, Url};

use super::dom;

#[derive(Default)]
struct Held {
    files: HashMap<FileId, File>,
    next: FileId,
}

thread_local! {
    static HELD: RefCell<Held> = RefCell::default();
}

fn hold(file: File) -> (FileId, String) {
    HELD.with_borrow_mut(|held| {
        held.next += 1;
        let name = file.name();
        held.files.insert(held.next, file);
        (held.next, name)
    })
}

/// The files to go beside a message: handles, not contents.
pub(super) fn take(ids: &[FileId]) -> js_sys::Array {
    HELD.with_borrow(|held| ids.iter().filter_map(|id| held.files.get(id)).collect())
}

fn hold_all(list: Option<FileList>) -> Vec<(FileId, String)> {
    dom::mark("heimdall:drop");
    let files = list.map(|list| (0..list.length()).filter_map(move |index| list.get(index)).collect::<Vec<_>>());
    files.unwrap_or_default().into_iter().map(hold).collect()
}

/// Files of a drop.
pub(crate) fn dropped(event: &DragEvent) -> Vec<(FileId, String)> {
    hold_all(event.data_transfer().and_then(|transfer| transfer.files()))
}

/// Files chosen in an input, which is emptied so that the same can be chosen again.
pub(crate) fn chosen(event: &web_sys::Event) -> Vec<(FileId, String)> {
    let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else {
        return Vec::new();
    };
    let files = hold_all(input.files());
    input.set_value("");
    files
}

/// Contents that the page fetched, as if they had been dropped.
pub(crate) fn fetched(contents: &[(String, Vec<u8>)]) -> Vec<(FileId, String)> {
    dom::mark("heimdall:drop");
    let file = |(name, bytes): &(String, Vec<u8>)| {
        let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes.as_slice()));
        File::new_with_u8_array_sequence(&parts, name).ok()
    };
    contents.iter().filter_map(file).map(hold).collect()
}

/// Lends the scene's files and what is known of them to parts of the page that were loaded later: they ask by an event
/// of the window and find both in its detail.
pub(crate) fn lend(scene: impl Fn() -> (Vec<FileId>, Lent) + 'static) {
    dom::listen("heimdall:files", move |detail| {
        let (ids, lent) = scene();
        let text = serde_json::to_string(&lent).unwrap_or_default();
        let put = |name: &str, value: &JsValue| js_sys::Reflect::set(detail, &name.into(), value);
        dom::report(put("files", &take(&ids)).and_then(|_| put("scene", &text.into())));
    });
}

/// Hands a file to the user. What of it is one of the user's files stays on the disk until the browser writes it.
pub(super) fn download(name: &str, media_type: &str, parts: &[Part]) {
    let save = || {
        let options = BlobPropertyBag::new();
        options.set_type(media_type);
        let pieces = js_sys::Array::new();
        for part in parts {
            match part {
                Part::Bytes(bytes) => _ = pieces.push(&js_sys::Uint8Array::from(bytes.as_slice())),
                Part::File(file) => take(&[*file]).for_each(&mut |file, _, _| _ = pieces.push(&file)),
            }
        }
        let blob = Blob::new_with_blob_sequence_and_options(&pieces, &options)?;
        let address = Url::create_object_url_with_blob(&blob)?;
        let link: HtmlAnchorElement = dom::document().create_element("a")?.unchecked_into();
        link.set_href(&address);
        link.set_download(name);
        link.click();
        Url::revoke_object_url(&address)
    };
    dom::report(save());
}
