//! `heimdall simulate`: scenes of a world as files.

mod recordings;
mod tables;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::ValueEnum;
use heimdall_simulate::NamedBytes;
use heimdall_simulate::world::{Fields, Split};

use crate::print::print;
use crate::worlds;

/// Which blocks transmitters stand in.
#[derive(Clone, Copy, ValueEnum)]
enum Part {
    /// Blocks that methods learn from.
    Train,
    /// Blocks that settings are chosen by.
    Validation,
    /// Blocks that results are reported on.
    Test,
}

/// What is written.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Two tables: what receivers measured, and the truth.
    Csv,
    /// A folder with a SigMF collection of recordings for each scene.
    Sigmf,
}

/// What to simulate and where to put it.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The world's file.
    world: PathBuf,
    #[command(flatten)]
    about: worlds::About,
    /// Realisation of the world: everything random follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Part of the blocks that transmitters stand in.
    #[arg(long, value_enum, default_value = "train")]
    split: Part,
    /// How many scenes.
    #[arg(long, default_value_t = 1)]
    scenes: usize,
    /// Number of the first.
    #[arg(long, default_value_t = 0)]
    first: usize,
    /// Folder to write to; made where it is not there.
    #[arg(long)]
    out: PathBuf,
    /// Measurements or recordings.
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// Samples a second of recordings instead of the world's.
    #[arg(long)]
    rate: Option<f64>,
    /// Length of recordings instead of the world's, seconds.
    #[arg(long)]
    duration: Option<f64>,
    /// Waveform of recordings instead of the world's.
    #[arg(long, value_enum)]
    modulation: Option<recordings::Waveform>,
    /// Replace files that are there.
    #[arg(long)]
    force: bool,
}

/// Writes the scenes.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let world = arguments.about.load(&arguments.world)?;
    ensure!(arguments.scenes > 0, "--scenes 0 asks for nothing: name at least 1");
    let end = arguments.first.checked_add(arguments.scenes).context("--first and --scenes together are too large")?;
    let (split, part) = match arguments.split {
        Part::Train => (Split::Training, "train"),
        Part::Validation => (Split::Validation, "validation"),
        Part::Test => (Split::Test, "test"),
    };
    let fields = Fields::new(&world, arguments.seed)?;
    let name = format!("{}-seed{}-{part}", file_name(&world.name), arguments.seed);
    let scenes = arguments.first..end;
    match arguments.format {
        Format::Csv => {
            let files = tables::files(&fields, split, scenes, &name)?;
            write(&arguments.out, &files, arguments.force)?;
        }
        Format::Sigmf => {
            let mut on_air = world.on_air.clone();
            on_air.sample_rate_hz = arguments.rate.unwrap_or(on_air.sample_rate_hz);
            on_air.duration_s = arguments.duration.unwrap_or(on_air.duration_s);
            if let Some(waveform) = arguments.modulation {
                on_air.modulations = vec![waveform.modulation()];
            }
            recordings::write(&fields, split, scenes, &on_air, &name, &arguments.out, arguments.force)?;
        }
    }
    let count = arguments.scenes;
    print(&format!("{}: {count} synthetic {part} scenes in {}\n", world.name, arguments.out.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// Letters and digits of a world's name, the rest as dashes.
fn file_name(name: &str) -> String {
    let letters = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' });
    letters.collect::<String>().to_ascii_lowercase()
}

/// Writes all files or, where one of them is there and must not be replaced, none.
fn write(folder: &Path, files: &[NamedBytes], force: bool) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    if let Some(there) = files.iter().map(|file| folder.join(&file.name)).find(|path| !force && path.exists()) {
        anyhow::bail!("the file is already there, name another folder or say --force: {}", there.display());
    }
    for file in files {
        let path = folder.join(&file.name);
        // Never a mixture: a file appears when it is whole.
        let part = folder.join(format!("{}.part", file.name));
        let written = std::fs::File::create(&part).and_then(|mut part| part.write_all(&file.bytes));
        let moved = written.and_then(|()| std::fs::rename(&part, &path));
        if let Err(error) = moved {
            // What is left of it is of no use; that it cannot be removed changes nothing about the error.
            let _ = std::fs::remove_file(&part);
            return Err(error).with_context(|| format!("cannot write {}", path.display()));
        }
    }
    Ok(())
}
