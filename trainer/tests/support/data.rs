//! Recordings made by others, used where they lie beside the checkout.

use std::path::PathBuf;

/// A file of the data folder; says so and gives `None` where it is not there.
pub fn data(path: &str) -> Option<PathBuf> {
    let full = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(path);
    if full.is_file() {
        return Some(full);
    }
    eprintln!("skipped: {path} not there");
    None
}

/// The three recordings of DCF77 and the table of their receivers.
pub fn dcf77() -> Option<Vec<PathBuf>> {
    let names =
        ["HB9ODP_iq.wav", "JO51xl_iq.wav", "pa0rdt_iq.wav"].map(|name| format!("20200813T065220Z_77500_{name}"));
    let names = names.iter().map(String::as_str).chain(["receivers.csv"]);
    names.map(|name| data(&format!("real/dcf77-2020/{name}"))).collect()
}

/// The recording of a receiver whose clock never had a fix.
pub fn no_gnss_fix() -> Option<PathBuf> {
    data("real/no-gnss-fix/20251207T183506Z_100000_G7UAK_iq.wav")
}
