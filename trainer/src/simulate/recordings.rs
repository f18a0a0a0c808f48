//! Scenes as SigMF collections.

use std::ops::Range;
use std::path::Path;

use anyhow::Context;
use clap::ValueEnum;
use heimdall_simulate::world::{Fields, OnAir, Split, scene_recordings};
use heimdall_simulate::{IqWorkspace, Modulation, SampleFormat, sigmf_collection};

/// What is emitted.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Waveform {
    /// Narrow-band FM with a voice-like signal, 2.5 kHz of deviation.
    Voice,
    /// Frequency-shift keying, 1200 bits a second.
    Fsk,
    /// A keyed carrier, 20 words a minute.
    Cw,
    /// 52 sub-carriers over 13 kHz.
    Ofdm,
    /// Noise of 12.5 kHz.
    Noise,
}

impl Waveform {
    /// The waveform with its numbers.
    pub(super) fn modulation(self) -> Modulation {
        match self {
            Self::Voice => Modulation::NbfmVoiceLike { deviation_hz: 2500.0 },
            Self::Fsk => Modulation::Fsk { symbol_rate_hz: 1200.0, deviation_hz: 2400.0 },
            Self::Cw => Modulation::CwKeyed { words_per_minute: 20.0 },
            Self::Ofdm => Modulation::Ofdm { subcarriers: 52, spacing_hz: 250.0, prefix: 0.125 },
            Self::Noise => Modulation::FlatNoise { bandwidth_hz: 12.5e3 },
        }
    }
}

/// A folder `NAME-00000` for each scene. A scene that no receiver heard has none, and is said so.
pub(super) fn write(
    fields: &Fields,
    split: Split,
    scenes: Range<usize>,
    on_air: &OnAir,
    name: &str,
    out: &Path,
    force: bool,
) -> anyhow::Result<()> {
    let folder = |index: usize| out.join(format!("{name}-{index:05}"));
    if let Some(there) = scenes.clone().map(folder).find(|folder| !force && folder.exists()) {
        anyhow::bail!("the scene is already there, name another folder or say --force: {}", there.display());
    }
    let mut workspace = IqWorkspace::default();
    for index in scenes {
        let heard = fields.observe(split, index).level_dbm.iter().any(Option::is_some);
        if !heard {
            eprintln!("heimdall: no receiver heard scene {index}: it is left out");
            continue;
        }
        let scene = scene_recordings(fields, split, index, on_air, &mut workspace)?;
        let files = sigmf_collection(&scene, &format!("{name}-{index:05}"), SampleFormat::Ci16Le)?;
        let folder = folder(index);
        remove_recordings(&folder).with_context(|| format!("cannot replace {}", folder.display()))?;
        super::write(&folder, &files, force)?;
    }
    Ok(())
}

/// An older scene in the folder may have had other receivers, whose recordings would join the new ones.
fn remove_recordings(folder: &Path) -> std::io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension.to_string_lossy().starts_with("sigmf-")) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}
