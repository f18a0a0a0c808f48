//! What a person does on the page, and what they see.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use base64::Engine;
use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use tokio::time::sleep;

use heimdall_pipeline::export::ExportFormat;

use crate::commands::Post;
use crate::server::Host;

/// How long the page may take for one step in a test; the bench measures what it takes.
const STEP_LIMIT: Duration = Duration::from_secs(30);

/// Makes a drop out of files that this host serves: a real `DragEvent` with a real `DataTransfer`.
const DROP: &str = r"
const [addresses, done] = [arguments[0], arguments[arguments.length - 1]];
(async () => {
  const transfer = new DataTransfer();
  for (const address of addresses) {
    const response = await fetch(address);
    if (!response.ok) throw new Error(address + ': ' + response.status);
    transfer.items.add(new File([await response.blob()], address.split('/').pop()));
  }
  const target = document.querySelector('main');
  const event = kind => new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
  const [over, drop] = ['dragover', 'drop'].map(event);
  target.dispatchEvent(over);
  await new Promise(requestAnimationFrame);
  const veil = document.querySelector('.veil') !== null;
  target.dispatchEvent(drop);
  return { veil, taken: over.defaultPrevented && drop.defaultPrevented };
})().then(done, error => done({ error: String(error) }));
";

/// The state of the answer; everything is absent while nothing was dropped.
const STATE: &str = r"
const [card, progress] = ['verdict', 'progress'].map(id => document.getElementById(id));
const texts = selector => [...document.querySelectorAll(selector)].map(element => element.textContent.replaceAll('\u00a0', ' ').trim());
return {
  verdict: card?.dataset.verdict ?? null,
  current: !!card && !card.classList.contains('stale') && !progress.classList.contains('busy'),
  sentence: texts('#verdict .sentence').join(' '),
  text: (card?.textContent ?? '').replaceAll('\u00a0', ' '),
  mode: texts('#mode').join(' '),
  mean: texts('#mean').join(' '),
  areas: texts('#verdict .area'),
};
";

/// The answer as it stands on the page when nothing newer is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// "located", "region" or "not_locatable".
    pub verdict: String,
    /// The plain sentence.
    pub sentence: String,
    /// Everything the card says.
    pub text: String,
    /// Coordinates of the highest density.
    pub mode: String,
    /// Coordinates of the mean.
    pub mean: String,
    /// Areas of the 50, 68 and 95 % regions, as shown.
    pub areas: Vec<String>,
}

/// The page in a browser.
#[derive(Clone, Debug)]
pub struct Page {
    client: Client,
    /// Ours, until it is taken away.
    host: Rc<RefCell<Option<Host>>>,
    origin: String,
    downloads: PathBuf,
}

impl Page {
    pub(crate) async fn open(
        client: Client,
        host: Option<Host>,
        origin: String,
        path: &str,
        downloads: PathBuf,
    ) -> Self {
        let page = Self { client, host: Rc::new(RefCell::new(host)), origin, downloads };
        page.client.goto(&format!("{}{path}", page.origin)).await.expect("the page loads");
        page.wait("the page's controls", async || page.element("#file-input").await).await;
        page
    }

    /// Ends this test's host and all its connections, as if the network were gone.
    pub fn lose_network(&self) {
        drop(self.host.take().expect("a host that is still there"));
    }

    /// Loads the page again, as the browser's button does.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("the page loads again");
        self.wait("the page's controls", async || self.element("#file-input").await).await;
    }

    /// Chooses files in the page's own input.
    pub async fn choose(&self, files: &[impl AsRef<Path>]) {
        let paths: Vec<_> = files.iter().map(|file| file.as_ref().to_string_lossy().into_owned()).collect();
        let input = self.element("#file-input").await.expect("an input for files");
        input.send_keys(&paths.join("\n")).await.expect("the input takes files");
    }

    /// Drops files of the folder of real recordings, by their addresses below it. True where the veil was shown while
    /// they hovered.
    pub async fn drop_real(&self, names: &[String]) -> bool {
        let addresses: Vec<String> = names.iter().map(|name| format!("/real/{name}")).collect();
        let answer = self.client.execute_async(DROP, vec![json!(addresses)]).await.expect("a drop");
        assert_eq!(answer["taken"], true, "the page left the drop to the browser: {answer}");
        answer["veil"] == true
    }

    /// Presses a control.
    pub async fn click(&self, selector: &str) {
        let element = self.element(selector).await.unwrap_or_else(|| panic!("there is no {selector}"));
        element.click().await.unwrap_or_else(|error| panic!("{selector} cannot be clicked: {error}"));
    }

    /// Types into a field and leaves it.
    pub async fn fill(&self, selector: &str, text: &str) {
        let element = self.element(selector).await.unwrap_or_else(|| panic!("there is no {selector}"));
        element.send_keys(text).await.unwrap_or_else(|error| panic!("{selector} takes no text: {error}"));
        self.script(&format!("document.querySelector({}).blur()", json!(selector))).await;
    }

    /// Presses a key where the focus is; "ctrl+shift+z" is held so.
    pub async fn press(&self, keys: &str) {
        // Plus itself is a key too.
        let (held, key) = keys.rsplit_once('+').filter(|(_, key)| !key.is_empty()).unwrap_or(("", keys));
        let held: i32 = held.split_terminator('+').map(|part| if part == "ctrl" { 2 } else { 8 }).sum();
        // A key that is held with control writes nothing.
        let text = match key {
            "Enter" => "\r",
            key if key.len() == 1 && held != 2 => key,
            _ => "",
        };
        for kind in ["keyDown", "keyUp"] {
            // What the browser itself does on a key goes by its number.
            let number = match key {
                "Tab" => 9,
                "Enter" => 13,
                "Escape" => 27,
                " " => 32,
                _ => 0,
            };
            let event = json!({
                "type": kind, "key": key, "text": text, "modifiers": held, "windowsVirtualKeyCode": number,
            });
            self.devtools("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Does a command of the list, found by these words.
    pub async fn command(&self, words: &str) {
        self.press("ctrl+k").await;
        self.wait("the list of commands", async || {
            let ready = "return document.activeElement?.id === 'command-words'";
            (self.script(ready).await == true).then_some(())
        })
        .await;
        self.devtools("Input.insertText", json!({ "text": words })).await;
        self.press("Enter").await;
    }

    /// Where this test's host answers, without a slash at the end.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Switches a receiver on or off by its checkbox.
    pub async fn toggle(&self, receiver: &str) {
        self.click(&format!("input[data-toggle='{receiver}']")).await;
    }

    /// The answer, when it is the newest one.
    pub async fn settled(&self) -> Settled {
        self.wait("an answer", async || {
            let state = self.script(STATE).await;
            let text = |name: &str| state[name].as_str().unwrap_or_default().to_owned();
            let areas = state["areas"].as_array().into_iter().flatten().filter_map(Value::as_str);
            (state["current"] == true && state["verdict"].is_string()).then(|| Settled {
                verdict: text("verdict"),
                sentence: text("sentence"),
                text: text("text"),
                mode: text("mode"),
                mean: text("mean"),
                areas: areas.map(str::to_owned).collect(),
            })
        })
        .await
    }

    /// The answer once a network has taken part in it.
    pub async fn settled_with_network(&self) -> Settled {
        self.text_of("#network[data-spoke='yes']").await;
        self.settled().await
    }

    /// Presses an export button and reads the file that the browser saved.
    pub async fn export(&self, format: ExportFormat) -> String {
        let extension = format.extension();
        self.click(&format!("#export-{extension}")).await;
        let path = self.saved(extension).await;
        let text = std::fs::read_to_string(&path).expect("a text");
        // The next one of this format is then the only one.
        std::fs::remove_file(path).expect("the file is ours");
        text
    }

    /// The file with this extension that the browser saved, once it is complete.
    pub async fn saved(&self, extension: &str) -> PathBuf {
        self.wait("the saved file", async || self.downloaded(extension)).await
    }

    /// Chromium writes under another extension until a file is complete.
    fn downloaded(&self, extension: &str) -> Option<PathBuf> {
        let files = std::fs::read_dir(&self.downloads).ok()?.filter_map(Result::ok).map(|entry| entry.path());
        files.filter(|path| path.extension().is_some_and(|found| found == extension)).find(|path| path.is_file())
    }

    /// Text of the first element that matches, hidden parts included.
    pub async fn text_content(&self, selector: &str) -> Option<String> {
        let script = format!("return document.querySelector({})?.textContent ?? null", json!(selector));
        self.script(&script).await.as_str().map(str::to_owned)
    }

    /// Text of the first element that matches, once there is one.
    pub async fn text_of(&self, selector: &str) -> String {
        self.wait(selector, async || self.text_content(selector).await).await
    }

    /// Runs a script and gives what it returns.
    pub async fn script(&self, script: &str) -> Value {
        self.script_with(script, Vec::new()).await
    }

    /// The same with arguments.
    pub async fn script_with(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Runs a script that calls its last argument with what it finds.
    pub async fn script_async(&self, script: &str) -> Value {
        self.client.execute_async(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// A method of the Chrome DevTools Protocol.
    pub async fn devtools(&self, method: &str, parameters: Value) -> Value {
        let command = Post::devtools(method, parameters);
        self.client.issue_cmd(command).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Saves a picture of the whole page, not of the window only.
    pub async fn picture(&self, path: &Path) {
        let parameters = json!({ "format": "png", "captureBeyondViewport": true });
        let answer = self.devtools("Page.captureScreenshot", parameters).await;
        let text = answer["data"].as_str().expect("a picture");
        let bytes = base64::engine::general_purpose::STANDARD.decode(text).expect("base64");
        std::fs::write(path, bytes).expect("a place for pictures");
    }

    /// Milliseconds from the newest drop to the newest answer on the screen.
    pub async fn drop_to_drawn_ms(&self) -> f64 {
        let script = r"
            const at = name => performance.getEntriesByName('heimdall:' + name).at(-1)?.startTime;
            const took = at('drawn') - at('drop');
            return took > 0 ? took : null";
        self.wait("the mark of the drawn answer", async || self.script(script).await.as_f64()).await
    }

    /// Asks until there is an answer.
    ///
    /// # Panics
    /// Where there is none in time, with what the page shows then.
    pub async fn wait<T>(&self, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            if started.elapsed() > STEP_LIMIT {
                let shown = self.script("return document.body.innerText").await;
                panic!("no {what} after {} s; the page shows:\n{}", STEP_LIMIT.as_secs(), shown.as_str().unwrap_or(""));
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn element(&self, selector: &str) -> Option<Element> {
        self.client.find(Locator::Css(selector)).await.ok()
    }

    /// Takes note of the errors on the console so far, which are what the test meant to cause.
    ///
    /// # Panics
    /// Where there is none, or one without these words.
    pub async fn expect_errors(&self, words: &str) {
        let complaints = self.complaints().await;
        let meant = !complaints.is_empty() && complaints.iter().all(|complaint| complaint.contains(words));
        assert!(meant, "other errors than {words}: {complaints:?}");
    }

    /// Errors on the console and requests to other hosts, since the last call.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let console = self.log("browser").await;
        let severe = console.iter().filter(|entry| entry["level"] == "SEVERE");
        let mut complaints: Vec<String> = severe.map(|entry| text(&entry["message"])).collect();
        for entry in self.log("performance").await {
            let event: Value = serde_json::from_str(&text(&entry["message"])).unwrap_or_default();
            let address = text(&event["message"]["params"]["request"]["url"]);
            // The browser's own start page is made of chrome: addresses.
            let own = [&self.origin, "data:", "blob:", "chrome:"].iter().any(|start| address.starts_with(*start));
            if event["message"]["method"] == "Network.requestWillBeSent" && !own {
                complaints.push(format!("request to another host: {address}"));
            }
        }
        complaints
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.client.issue_cmd(Post::log(kind)).await.expect("the driver keeps logs");
        entries.as_array().cloned().unwrap_or_default()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
