//! `heimdall serve`

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use heimdall_server::{Options, Server};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::LevelFilter;

use crate::print::print;

/// Where the build leaves the page.
const PAGE: &str = "dist";
/// Worlds that a new data folder begins with.
const WORLDS: [(&str, &str); 2] = [
    ("north-western-italy.json", include_str!("../../worlds/north-western-italy.json")),
    ("synchronised.json", include_str!("../../worlds/synchronised.json")),
];
const SECONDS_PER_DAY: f64 = 86_400.0;

/// Where and for whom to serve.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Folder of everything that is kept; made where it is not there [default: heimdall in the user's data folder].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7373")]
    listen: SocketAddr,
    /// Folder of the built page [default: dist, where there is one].
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
    /// The administrator's token [default: HEIMDALL_TOKEN, else one that is made at the first start].
    #[arg(long)]
    token: Option<String>,
    /// A name under which the server may be called, beside addresses and localhost (may be repeated).
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// Largest upload, bytes.
    #[arg(long, value_name = "BYTES")]
    max_upload: Option<u64>,
    /// Bytes that the uploads of one token may hold together [default: no limit].
    #[arg(long, value_name = "BYTES")]
    quota: Option<u64>,
    /// Days after which an upload that was left is removed [default: 7].
    #[arg(long, value_name = "DAYS")]
    keep_uploads: Option<f64>,
    /// Log every request.
    #[arg(long)]
    verbose: bool,
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    log(arguments.verbose);
    allow_many_connections();
    let options = options(arguments)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("the system gives no threads to serve with")?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let server = Server::bind(options).await?;
        print(&format!("{}\n", server.url()))?;
        let end = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        Ok::<_, anyhow::Error>(server.run(end).await?)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Each connection is an open file, and systems begin with 1024 of them for the sake of old programs.
fn allow_many_connections() {
    if let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // Where the system refuses, it stays as it was: enough for a few hundred.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    }
}

fn options(arguments: &Arguments) -> anyhow::Result<Options> {
    let data = arguments.data.clone().map_or_else(user_data, Ok)?;
    let mut options = Options::new(data);
    options.listen = arguments.listen;
    let built = || Path::new(PAGE).join("index.html").is_file().then(|| PathBuf::from(PAGE));
    options.page = arguments.page.clone().or_else(built);
    let from_environment = || std::env::var("HEIMDALL_TOKEN").ok().filter(|token| !token.is_empty());
    options.token = arguments.token.clone().or_else(from_environment);
    options.hosts.clone_from(&arguments.host);
    let itself = || std::env::current_exe().context("the program does not know where it is itself");
    if cfg!(feature = "models") {
        options.locator = Some(itself()?);
    }
    if cfg!(feature = "train") {
        options.trainer = Some(itself()?);
        options.worlds = WORLDS.map(|(name, contents)| (name.to_owned(), contents)).to_vec();
    }
    let limits = &mut options.limits;
    limits.quota_bytes = arguments.quota;
    limits.upload_bytes = arguments.max_upload.unwrap_or(limits.upload_bytes);
    if let Some(days) = arguments.keep_uploads {
        let expiry = Duration::try_from_secs_f64(days * SECONDS_PER_DAY);
        limits.upload_expiry = expiry.context("--keep-uploads takes a number of days, such as 7 or 0.5")?;
    }
    Ok(options)
}

/// `heimdall` in the folder where the user's programs keep their data.
fn user_data() -> anyhow::Result<PathBuf> {
    let named = std::env::var_os("XDG_DATA_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let home = || std::env::home_dir().map(|home| home.join(".local").join("share"));
    let base = named.or_else(home).context("there is no home folder; name a data folder with --data")?;
    Ok(base.join("heimdall"))
}

/// What goes wrong, on standard error; with `verbose` each request as well.
fn log(verbose: bool) {
    let level = if verbose { LevelFilter::DEBUG } else { LevelFilter::WARN };
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(level).with_ansi(false).init();
}
