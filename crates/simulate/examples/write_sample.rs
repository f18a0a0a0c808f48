//! Writes the page's synthetic sample into a folder:
//! `cargo run -p heimdall-simulate --example write_sample -- assets/samples/synchronised`.

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("name the folder to write to")?;
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder)?;
    for receiver in heimdall_simulate::sample_scene()?.receivers {
        let truth = receiver.truth;
        println!(
            "{}: {:.1} km, {:.1} dBm, {:.1} dB over noise",
            receiver.spec.name,
            truth.distance_m / 1000.0,
            truth.level_dbm,
            truth.snr_db
        );
    }
    for file in heimdall_simulate::sample_files()? {
        std::fs::write(folder.join(&file.name), &file.bytes)?;
        println!("{} {} bytes", file.name, file.bytes.len());
    }
    Ok(())
}
