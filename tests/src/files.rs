//! Where the built page, the real recordings and the pictures are.

use std::env;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// The built page.
///
/// # Panics
/// Where `HEIMDALL_DIST` names no page.
pub fn dist() -> PathBuf {
    let named = env::var_os("HEIMDALL_DIST").expect(
        "HEIMDALL_DIST is not set: run `cargo xtask test --stage page --stage browser`, or set it to the folder of \
         the built page",
    );
    let dist = workspace().join(named);
    assert!(dist.join("index.html").is_file(), "no built page, run `cargo xtask build`: {}", dist.display());
    dist
}

/// The files of the page's sample.
pub fn sample() -> Vec<PathBuf> {
    let folder = dist().join("assets/samples/synchronised");
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    files.map(|entry| entry.expect("a file").path()).collect()
}

/// Writes a recording of floats from -1 to 1 without a pattern, others for each seed.
///
/// # Errors
/// Where it cannot be written.
pub fn noise(path: &Path, bytes: usize, seed: u64) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64 ^ seed;
    for _ in 0..bytes / 4 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        file.write_all(&((state >> 40) as f32 / 8_388_608.0 - 1.0).to_le_bytes())?;
    }
    file.flush()
}

/// The folder of real recordings; it need not be there.
pub(crate) fn real() -> PathBuf {
    workspace().join("../shared/data/real")
}

/// What a bench measures in the page; set by the bench.
pub(crate) fn bench() -> PathBuf {
    workspace().join(env::var_os("HEIMDALL_BENCH").unwrap_or_else(|| "target/bench/none".into()))
}

/// The three recordings of DCF77 and the table of their receivers; says so and gives `None` where they are not there.
pub fn dcf77() -> Option<Vec<PathBuf>> {
    let names = ["HB9ODP_iq.wav", "JO51xl_iq.wav", "pa0rdt_iq.wav"];
    let recordings = names.map(|name| format!("20200813T065220Z_77500_{name}"));
    recordings
        .iter()
        .map(String::as_str)
        .chain(["receivers.csv"])
        .map(|name| file(&format!("dcf77-2020/{name}")))
        .collect()
}

/// The recording of a receiver whose clock never had a fix.
pub fn no_gnss_fix() -> Option<PathBuf> {
    file("no-gnss-fix/20251207T183506Z_100000_G7UAK_iq.wav")
}

fn file(name: &str) -> Option<PathBuf> {
    // The browser takes absolute paths only.
    let found = real().join(name).canonicalize().ok();
    if found.is_none() {
        eprintln!("skipped: {name} not there");
    }
    found
}

/// The folder of pictures for people to look at.
///
/// # Panics
/// Where it cannot be made.
pub fn screenshots() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let folder = workspace().join(target).join("screenshots");
    std::fs::create_dir_all(&folder).expect("a folder for pictures");
    folder
}
