//! A fresh browser on the page for the length of one test.

use std::env;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fantoccini::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::task::LocalSet;

use crate::driver::Driver;
use crate::{Page, Serving, server};

/// No test may take longer.
const LIMIT: Duration = Duration::from_secs(120);

/// Nor may what is known to be slow.
const PATIENT_LIMIT: Duration = Duration::from_secs(1200);

/// One browser at a time: two share the cores, and each would miss its times.
static TURN: Mutex<()> = Mutex::new(());

/// How the browser is set up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// A phone's screen of 390 × 844 instead of a window of 1440 × 900.
    pub phone: bool,
    /// Every worker ends when it is given a file whose name begins with "doomed".
    pub doomed: bool,
    /// Twenty minutes instead of two, for what takes a network of 200 million parameters.
    pub patient: bool,
    /// Without the driver's log of requests, which holds what is sent and takes longer than sending it: for measurements.
    /// What the page complains of is not heard then.
    pub unlogged: bool,
}

/// Runs a test on the freshly loaded page, then ends the browser, also where the test failed. A test that passed fails
/// still when the page wrote an error to the console or asked any other host for anything.
///
/// # Panics
/// Where the test does, or there is no browser.
pub fn in_browser<F, T>(options: Options, test: impl FnOnce(Page) -> F) -> T
where
    F: Future<Output = T> + 'static,
    T: 'static,
{
    opened(options, None, test)
}

/// The same on the page that `serving` gives.
///
/// # Panics
/// Where the test does, or there is no browser.
pub fn on_server<F, T>(options: Options, serving: &Serving, test: impl FnOnce(Page) -> F) -> T
where
    F: Future<Output = T> + 'static,
    T: 'static,
{
    opened(options, Some(serving), test)
}

fn opened<F, T>(options: Options, serving: Option<&Serving>, test: impl FnOnce(Page) -> F) -> T
where
    F: Future<Output = T> + 'static,
    T: 'static,
{
    let limit = if options.patient { PATIENT_LIMIT } else { LIMIT };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // A task of its own lets the browser be ended after a panic; a local one need not be `Send`.
    LocalSet::new().block_on(&runtime, async {
        let host = serving.is_none().then(|| server::start(options.doomed));
        let (origin, path) = match (serving, &host) {
            (Some(serving), _) => (serving.origin.clone(), serving.first_path.clone()),
            (None, host) => (format!("http://{}", host.as_ref().expect("a host").address), "/".to_owned()),
        };
        let folder = tempfile::tempdir().expect("a folder for the profile");
        let driver = Driver::start();
        let client = connect(&driver, capabilities(options, &folder)).await;
        let page = Page::open(client.clone(), host, origin, &path, folder.path().join("downloads")).await;
        let ended = tokio::time::timeout(limit, tokio::task::spawn_local(test(page.clone()))).await;
        let complaints = if options.unlogged { Vec::new() } else { page.complaints().await };
        // Without it the browser would outlive its driver.
        client.close().await.ok();
        match ended {
            Ok(Ok(value)) => {
                assert!(complaints.is_empty(), "the page complained:\n{}", complaints.join("\n"));
                value
            }
            Ok(Err(error)) => {
                complaints.iter().for_each(|complaint| eprintln!("{complaint}"));
                std::panic::resume_unwind(error.into_panic())
            }
            Err(_) => panic!("not done after {} s; the page complained:\n{}", limit.as_secs(), complaints.join("\n")),
        }
    })
}

async fn connect(driver: &Driver, capabilities: Map<String, Value>) -> Client {
    let connector = HttpConnector::new();
    let client = Client::with_capabilities_and_connector(&driver.address, &capabilities, connector).await;
    client.unwrap_or_else(|error| panic!("no browser ({error}): `cargo xtask setup --browser` installs one"))
}

fn capabilities(options: Options, folder: &TempDir) -> Map<String, Value> {
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let profile = format!("--user-data-dir={}", path("profile"));
    let mut arguments = vec![
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // Other hosts do not exist: a request to one becomes an error on the console.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        &profile,
    ];
    if !options.phone {
        arguments.push("--window-size=1440,900");
    }
    let mut chrome = json!({
        "args": arguments,
        "prefs": {
            "download.default_directory": path("downloads"),
            "download.prompt_for_download": false,
            // Several files one after the other are no nuisance here.
            "profile.default_content_setting_values.automatic_downloads": 1,
        },
    });
    if let Some(program) = env::var_os("CHROME") {
        chrome["binary"] = program.to_string_lossy().into();
    }
    if options.phone {
        let metrics = json!({ "width": 390, "height": 844, "pixelRatio": 2.0, "touch": true, "mobile": true });
        chrome["mobileEmulation"] = json!({ "deviceMetrics": metrics });
    }
    let logged = if options.unlogged { json!({}) } else { json!({ "browser": "ALL", "performance": "ALL" }) };
    let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": chrome, "goog:loggingPrefs": logged });
    capabilities.as_object().cloned().unwrap_or_default()
}
