//! Facts that the user types in for single files: `--fact FILE:KEY=VALUE`.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::bail;
use clap::Args;
use heimdall_recording::TypedFacts;

/// The option, which `locate` and `inspect` share.
#[derive(Args, Default)]
pub(crate) struct Typed {
    /// What a file does not say of itself, such as north.iq:rate=250k; may be repeated. Keys: rate, frequency,
    /// format (cu8, cs16, cf32, …), start (RFC 3339), position (LAT,LON), station, clock (gnss, reference, ntp,
    /// none), iq (yes, no), swap (yes, no).
    #[arg(long = "fact", value_name = "FILE:KEY=VALUE")]
    facts: Vec<FileFact>,
}

/// One fact of one file.
#[derive(Clone)]
struct FileFact {
    file: String,
    key: String,
    value: String,
}

impl FromStr for FileFact {
    type Err = String;

    /// Values may hold colons (times do), so the first equals sign ends the key.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = || {
            let (name, value) = text.split_once('=')?;
            let (file, key) = name.rsplit_once(':').filter(|(file, _)| !file.is_empty())?;
            Some(Self { file: file.into(), key: key.trim().into(), value: value.into() })
        };
        let fact = parts().ok_or("write FILE:KEY=VALUE, such as north.iq:rate=250k")?;
        // A value that cannot be is the command line's error, before any file is read.
        TypedFacts::default().set(&fact.key, &fact.value).map_err(|error| error.to_string())?;
        Ok(fact)
    }
}

impl Typed {
    /// The facts by file name, without folders.
    ///
    /// # Errors
    /// Where a fact is of a file that is not among `files`.
    pub(crate) fn by_file(&self, files: &[String]) -> anyhow::Result<BTreeMap<String, TypedFacts>> {
        let mut facts: BTreeMap<String, TypedFacts> = BTreeMap::new();
        for fact in &self.facts {
            let base = fact.file.rsplit('/').next().unwrap_or(&fact.file);
            if !files.iter().any(|name| name == base) {
                bail!("--fact is of a file that was not given: {}", fact.file);
            }
            facts.entry(base.to_owned()).or_default().set(&fact.key, &fact.value)?;
        }
        Ok(facts)
    }
}
