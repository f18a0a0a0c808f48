//! From options to a server that runs.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use heimdall_catalogue::Catalogue;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, watch};

use crate::auth::{Hosts, Tokens};
use crate::folder::private;
use crate::locate::Locator;
use crate::trainings::{Places, Trainings};
use crate::uploads::Uploads;
use crate::{AppState, Error, Events, Folder, Keeper, Objects, Options, models, router};

/// Time that requests have to finish once the server is to end.
const GRACE: Duration = Duration::from_secs(10);
/// Fewer characters of a chosen token can be guessed.
const LEAST_TOKEN: usize = 16;

/// A server that listens and does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    token: String,
    state: AppState,
    stop: watch::Sender<bool>,
}

impl Server {
    /// Opens the data folder and the port.
    ///
    /// # Errors
    /// Where either cannot be had, or others could reach what they should not.
    pub async fn bind(options: Options) -> Result<Self, Error> {
        let page = options.page.map(|page| match page.join("index.html").is_file() {
            true => Ok(Arc::new(page)),
            false => Err(Error::NoPage(page)),
        });
        let page = page.transpose()?;
        let folder = Folder::open(&options.data)?;
        if !options.listen.ip().is_loopback() {
            if options.token.is_none() {
                return Err(Error::OpenWithoutToken(options.listen));
            }
            if folder.is_open_to_others()? {
                return Err(Error::OpenFolder { listen: options.listen, folder: folder.path().to_owned() });
            }
        }
        let token = match options.token {
            Some(token) => chosen(token)?,
            None => folder.token()?,
        };
        let listener = TcpListener::bind(options.listen).await.map_err(|reason| match reason.kind() {
            ErrorKind::AddrInUse => Error::PortInUse(options.listen),
            _ => Error::Listen { address: options.listen, reason },
        })?;
        let address = listener.local_addr().map_err(Error::Serve)?;
        let objects = Arc::new(Objects::new(folder.objects()));
        let limits = Arc::new(options.limits);
        let events = Arc::new(Events::new(microseconds_now()));
        let uploads = Uploads::open(folder.uploads(), Arc::clone(&objects), Arc::clone(&events), Arc::clone(&limits))?;
        let locator = options.locator.map(|program| {
            seed_models(&folder, page.as_deref())?;
            // Links of scenes that were being located when the last server ended.
            let scenes = folder.path().join("scenes");
            if scenes.is_dir() {
                fs::remove_dir_all(&scenes).map_err(Error::disk("empty the folder of scenes", &scenes))?;
            }
            Ok::<_, Error>(Arc::new(Locator::new(program, folder.models(), scenes)))
        });
        let locator = locator.transpose()?;
        let trainings = options.trainer.map(|program| {
            seed_worlds(&folder, &options.worlds)?;
            let (trainings, worlds) = (folder.path().join("trainings"), folder.worlds());
            Trainings::open(Places { program, trainings, worlds, models: folder.models() }).map_err(Error::from)
        });
        let trainings = trainings.transpose()?;
        // Made with its rights; SQLite gives them to the files beside it.
        let path = folder.catalogue();
        private(true).open(&path).map_err(Error::disk("open the catalogue", &path))?;
        let catalogue = Catalogue::open(&path).await?;
        let keeper = Keeper::new(catalogue.clone(), Arc::clone(&objects), limits.unattached);
        let (stop, stopping) = watch::channel(false);
        let state = AppState {
            folder: Arc::new(folder),
            page,
            tokens: Arc::new(Tokens::new(&token, catalogue.clone())),
            hosts: Arc::new(Hosts::new(options.listen.ip(), &options.hosts)),
            events,
            objects,
            catalogue,
            keeper: Arc::new(keeper),
            uploads: Arc::new(uploads),
            trainings,
            locator,
            limits,
            stopping,
        };
        Ok(Self { listener, address, token, state, stop })
    }

    /// The address to open in a browser, token included.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/?token={}", self.address, self.token)
    }

    /// The address that is listened on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The administrator's token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Answers until `end`, and then what was begun, for ten seconds at most.
    ///
    /// # Errors
    /// Where the system ends the connection to the network.
    pub async fn run(self, end: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
        let Self { listener, state, stop, .. } = self;
        let mut background = tokio::task::JoinSet::new();
        let known = models::look(&state).await;
        background.spawn(models::watch(state.clone(), known));
        background.spawn(Arc::clone(&state.uploads).sweep());
        background.spawn(Arc::clone(&state.keeper).tidy(Arc::clone(&state.uploads)));
        background.spawn(Arc::clone(&state.uploads).settle_all());
        if let Some(trainings) = state.trainings.clone() {
            background.spawn(tell(trainings.changes(), Arc::clone(&state.events)));
            background.spawn(async move { trainings.work().await });
        }
        let mut stopping = state.stopping.clone();
        let serve = axum::serve(listener, router::router(state)).with_graceful_shutdown(async move {
            end.await;
            // An error means that nobody listens.
            let _ = stop.send(true);
        });
        let late = async move {
            let _ = stopping.wait_for(|stopping| *stopping).await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            served = serve.into_future() => served.map_err(Error::Serve),
            () = late => Ok(()),
        }
    }
}

/// Passes on which trainings changed.
async fn tell(mut changes: broadcast::Receiver<String>, events: Arc<Events>) {
    loop {
        match changes.recv().await {
            Ok(id) => events.publish("training", serde_json::json!({ "id": id })),
            Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}

/// A new data folder begins with the worlds that the program knows.
fn seed_worlds(folder: &Folder, worlds: &[(String, &'static str)]) -> Result<(), Error> {
    let own = folder.worlds();
    if !own.is_dir() {
        // Beside its place first: a folder that is there counts as whole.
        let partial = own.with_extension("partial");
        fs::create_dir_all(&partial).map_err(Error::disk("make the folder of worlds", &partial))?;
        for (name, contents) in worlds {
            let path = partial.join(name);
            fs::write(&path, contents).map_err(Error::disk("write a world", &path))?;
        }
        fs::rename(&partial, &own).map_err(Error::disk("make the folder of worlds", &own))?;
    }
    Ok(())
}

/// A new data folder begins with the models that the page came with.
fn seed_models(folder: &Folder, page: Option<&PathBuf>) -> Result<(), Error> {
    let (models, pages) = (folder.models(), page.map(|page| page.join("models")));
    let Some(pages) = pages.filter(|pages| pages.is_dir() && !models.join("index.json").exists()) else {
        return Ok(());
    };
    copy(&pages, &models).map_err(Error::disk("copy the page's models", &models))
}

/// Copies a folder of models; the list comes last, so that it names nothing that is not there.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let (folders, files): (Vec<_>, Vec<_>) = fs::read_dir(from)?.flatten().partition(|entry| entry.path().is_dir());
    for entry in folders {
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    for entry in files {
        let partial = to.join(format!(".{}.partial", entry.file_name().to_string_lossy()));
        fs::copy(entry.path(), &partial)?;
        fs::rename(&partial, to.join(entry.file_name()))?;
    }
    Ok(())
}

/// A token that stands in addresses and cookies as it is.
fn chosen(token: String) -> Result<String, Error> {
    let plain = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if token.len() < LEAST_TOKEN || !plain { Err(Error::WeakToken(token.len())) } else { Ok(token) }
}

fn microseconds_now() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_microsecond()).unwrap_or(0)
}
