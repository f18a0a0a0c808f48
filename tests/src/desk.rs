//! What tests of the desk do on the page.

use std::path::PathBuf;

use serde_json::Value;

use crate::{Page, screenshots};

/// A request to the server's API as the page makes it; the answer's body.
pub async fn api(page: &Page, method: &str, path: &str, headers: Value, body: Value) -> Value {
    let script = r"
        const [method, path, headers, body] = arguments;
        const request = new XMLHttpRequest();
        request.open(method, 'api/v1/' + path, false);
        for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
        request.send(body === null ? null : JSON.stringify(body));
        if (request.status >= 300) throw new Error(request.status + ': ' + request.responseText);
        return request.responseText === '' ? null : JSON.parse(request.responseText);";
    page.script_with(script, vec![method.into(), path.into(), headers, body]).await
}

/// Opens files in the page and the desk before them.
pub async fn contribute(page: &Page, files: &[PathBuf], recordings: u64) {
    page.choose(files).await;
    let lent = r"
        const detail = {};
        window.dispatchEvent(new CustomEvent('heimdall:files', { detail }));
        return detail.scene ? JSON.parse(detail.scene).recordings.length : 0";
    page.wait("open recordings", async || (page.script(lent).await == recordings).then_some(())).await;
    page.text_of("#open-desk").await;
    page.click("#open-desk").await;
    page.text_of("#desk-upload").await;
}

/// Puts a text in place of what a field or choice holds.
pub async fn set(page: &Page, selector: &str, value: &str) {
    page.text_of(selector).await;
    let script = r"
        const [selector, value] = arguments;
        const field = document.querySelector(selector);
        field.value = value;
        field.dispatchEvent(new Event('input'));
        field.dispatchEvent(new Event('change'));";
    page.script_with(script, vec![selector.into(), value.into()]).await;
}

/// Waits until an element's text has these words.
pub async fn said(page: &Page, selector: &str, words: &str) {
    let text = async || page.text_content(selector).await.filter(|text| text.contains(words));
    page.wait(words, text).await;
}

/// Waits until an element is not there any more.
pub async fn gone(page: &Page, selector: &str) {
    page.wait(&format!("end of {selector}"), async || page.text_content(selector).await.is_none().then_some(())).await;
}

/// A picture for people to look at.
pub async fn photograph(page: &Page, name: &str) {
    page.picture(&screenshots().join(format!("{name}.png"))).await;
}
