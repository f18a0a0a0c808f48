//! The real binary, run as a user runs it.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::report::Report;

/// Nothing a user drops may keep the program busy for longer, even in a build that is not optimised.
const LIMIT: Duration = Duration::from_secs(120);

/// What a run left behind.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// The report that `--format json` prints.
    pub fn report(&self) -> Report {
        let json = serde_json::from_str(&self.stdout);
        Report::new(json.unwrap_or_else(|error| panic!("no JSON ({error}): {}\n{}", self.stdout, self.stderr)))
    }
}

/// The program with these arguments. Whatever it was given: it ends, it does not panic, and its exit status is one
/// of those that are promised (0 done, 1 nothing could be done, 2 no fix, 3 a figure is missed).
pub fn heimdall<A: AsRef<Path>>(arguments: impl IntoIterator<Item = A>) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heimdall"));
    command.args(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
    run(command)
}

/// A program that `cargo xtask setup --peers` installs.
pub fn peer(what: &str) -> PathBuf {
    let usual = || Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned();
    let path = std::env::var_os("HEIMDALL_PEERS").map_or_else(usual, PathBuf::from).join(what);
    assert!(path.exists(), "call `cargo xtask setup --peers` first, this is not here: {}", path.display());
    path
}

/// The same with so much address space only: what needs more ends with an error.
pub fn heimdall_within(megabytes: u64, arguments: &[&Path]) -> Outcome {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {}; exec \"$0\" \"$@\"", megabytes * 1024)]);
    command.arg(env!("CARGO_BIN_EXE_heimdall")).args(arguments);
    run(command)
}

/// The program, killed without a word after so long; its exit status if it had ended by then.
pub fn killed_after<A: AsRef<Path>>(time: Duration, arguments: impl IntoIterator<Item = A>) -> Option<i32> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heimdall"));
    command.args(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let started = Instant::now();
    while started.elapsed() < time {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap().code()
}

/// `heimdall locate --format json` of these files.
pub fn locate<A: AsRef<Path>>(files: &[A]) -> Outcome {
    let flags = ["locate", "--format", "json"].map(Path::new);
    heimdall(flags.into_iter().chain(files.iter().map(AsRef::as_ref)))
}

/// `heimdall inspect --format json` of these files.
pub fn inspect<A: AsRef<Path>>(files: &[A]) -> serde_json::Value {
    let flags = ["inspect", "--format", "json"].map(Path::new);
    let outcome = heimdall(flags.into_iter().chain(files.iter().map(AsRef::as_ref)));
    serde_json::from_str(&outcome.stdout).expect("inspect prints JSON")
}

fn run(mut command: Command) -> Outcome {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    // Read beside waiting: a full pipe would stop the program.
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let stdout = thread::spawn(move || text(&mut out));
    let stderr = thread::spawn(move || text(&mut err));
    let code = wait(&mut child);
    let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
    assert!(!stderr.contains("panicked"), "{stderr}");
    let code = code.unwrap_or_else(|| panic!("ended by a signal or too slow: {command:?}\n{stderr}"));
    assert!((0..=3).contains(&code), "exit status {code}: {stderr}");
    Outcome { code, stdout, stderr }
}

fn text(pipe: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn wait(child: &mut Child) -> Option<i32> {
    let started = Instant::now();
    while started.elapsed() < LIMIT {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}
