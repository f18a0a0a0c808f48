//! The selection as a file: the samples of all receivers shown, with what is known of them.

use std::cell::RefCell;
use std::collections::HashMap;

use heimdall_waterfall::sigmf::{self, Cut};
use heimdall_waterfall::text;
use leptos::prelude::GetUntracked;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use crate::dom::{self, report};
use crate::stage::{Signals, put, with};

/// Samples that are asked for at once.
const CHUNK: u64 = 1 << 19;
/// Larger files are better cut by a program that writes to disk.
const MOST_BYTES: u64 = 2 << 30;

#[derive(Default)]
struct Waiting {
    next: u32,
    promises: HashMap<u32, (js_sys::Function, js_sys::Function)>,
}

thread_local! {
    static WAITING: RefCell<Waiting> = RefCell::default();
}

/// A worker has answered.
pub(crate) fn arrived(number: u32, samples: Result<js_sys::Float32Array, String>) {
    let Some((resolve, reject)) = WAITING.with_borrow_mut(|waiting| waiting.promises.remove(&number)) else { return };
    report(match samples {
        Ok(samples) => resolve.call1(&JsValue::NULL, &samples),
        Err(sentence) => reject.call1(&JsValue::NULL, &sentence.into()),
    });
}

/// Nobody will answer any more.
pub(crate) fn abandon() {
    WAITING.with_borrow_mut(|waiting| waiting.promises.clear());
}

async fn samples(lane: u32, first: u64, count: u64) -> Result<js_sys::Float32Array, String> {
    let promise = js_sys::Promise::new(&mut |resolve, reject| {
        let number = WAITING.with_borrow_mut(|waiting| {
            waiting.next += 1;
            waiting.promises.insert(waiting.next, (resolve, reject));
            waiting.next
        });
        with(|stage| stage.pool.as_ref().map(|pool| pool.read(number, lane, first, count as u32)));
    });
    let answer = JsFuture::from(promise).await.map_err(|error| dom::text(&error))?;
    answer.dyn_into().map_err(|_| "The worker's answer cannot be read".to_owned())
}

/// Writes the selection of all receivers shown.
pub(crate) fn save() {
    let prepared = with(|stage| {
        let selection = stage.signals.selection.get_untracked()?;
        let cuts = stage.shown.iter().filter_map(|index| {
            let lent = stage.recordings.get(*index as usize)?;
            Some((*index, Cut::new(stage.lane(*index)?, &lent.receiver, &lent.recording, &selection)?))
        });
        Some((cuts.collect::<Vec<(u32, Cut)>>(), stage.signals))
    });
    let Some(Some((cuts, signals))) = prepared else { return };
    let bytes: u64 = cuts.iter().map(|(_, cut)| cut.data_bytes()).sum();
    if cuts.is_empty() || bytes > MOST_BYTES {
        let sentence = if cuts.is_empty() {
            "No receiver that is shown recorded in the selected time. Draw the box on the picture.".to_owned()
        } else {
            format!(
                "The selection has {} MB, more than a page should write. Choose a shorter time.",
                text::number(bytes as f64 / 1e6, 0)
            )
        };
        return put(signals.message, Some(sentence));
    }
    spawn_local(async move {
        let result = write(&cuts, signals).await;
        put(
            signals.message,
            Some(match result {
                Ok(name) => {
                    format!("{name} holds the selection of {} receivers, with the band as an annotation.", cuts.len())
                }
                Err(sentence) => format!("The selection could not be saved: {sentence}."),
            }),
        );
    });
}

async fn write(cuts: &[(u32, Cut)], signals: Signals) -> Result<String, String> {
    let parts = js_sys::Array::new();
    let push = |bytes: &[u8]| parts.push(&js_sys::Uint8Array::from(bytes));
    let total: u64 = cuts.iter().map(|(_, cut)| cut.samples).sum();
    let mut written = 0;
    for (lane, cut) in cuts {
        let meta = cut.meta();
        push(&sigmf::header(&cut.meta_name(), meta.len() as u64)?);
        push(meta.as_bytes());
        push(&sigmf::padding(meta.len() as u64));
        push(&sigmf::header(&cut.data_name(), cut.data_bytes())?);
        let mut at = 0;
        while at < cut.samples {
            let count = CHUNK.min(cut.samples - at);
            let samples = samples(*lane, cut.first + at, count).await?;
            if u64::from(samples.length()) != 2 * count {
                return Err("the file became shorter while it was read".to_owned());
            }
            parts.push(&samples);
            at += count;
            written += count;
            put(signals.message, Some(format!("Saving: {} %", 100 * written / total.max(1))));
        }
        push(&sigmf::padding(cut.data_bytes()));
    }
    push(&sigmf::end());
    let name = format!("{}.sigmf", cuts.first().map_or_else(|| "selection".to_owned(), |(_, cut)| cut.stem()));
    download(&name, &parts).map_err(|error| dom::text(&error))?;
    Ok(name)
}

fn download(name: &str, parts: &js_sys::Array) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("application/x-tar");
    let blob = Blob::new_with_u8_array_sequence_and_options(parts, &options)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = dom::document().create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&address)
}
