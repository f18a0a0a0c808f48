//! Writes the page's synthetic samples into a folder each:
//! `cargo run -p heimdall-simulate --example write_sample -- assets/samples`.

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args_os().nth(1).ok_or("name the folder to write to")?;
    for sample in heimdall_simulate::SAMPLES {
        let folder = PathBuf::from(&root).join(sample.folder);
        std::fs::create_dir_all(&folder)?;
        let mut bytes = 0;
        for file in (sample.files)()? {
            std::fs::write(folder.join(&file.name), &file.bytes)?;
            bytes += file.bytes.len();
        }
        println!("{}: {bytes} bytes", sample.folder);
    }
    Ok(())
}
