//! What a file is, by the same reader as the page's.

use std::cell::Cell;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::rc::Rc;

use heimdall_recording::{ByteSource, Content, Error, InputFile, Question, Recording, TimeGrade, TypedFacts, open};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Zeros that stand for the samples while metadata is read without them.
const STAND_IN_BYTES: usize = 1 << 16;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Recognised {
    /// In a word.
    pub kind: Kind,
    /// What is known of each recording in it.
    pub recordings: Vec<RecordingFacts>,
    /// Rows of a table that could be read.
    pub rows: usize,
    /// Sentences worth showing.
    pub notices: Vec<String>,
}

/// What a file is, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Samples and what is needed to read them.
    Recording,
    /// Positions of receivers.
    Receivers,
    /// Levels and bearings.
    Reports,
    /// A SigMF collection.
    Collection,
    /// SigMF metadata, whose samples are another file.
    Metadata,
    /// SigMF samples, whose metadata is another file.
    Samples,
}

/// What is known of one recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecordingFacts {
    /// Name of the file or archive member that holds the samples.
    pub name: String,
    /// Container, in the field's words: "KiwiSDR WAV", …
    pub container: String,
    /// The receiver's name.
    pub station: Option<String>,
    /// Complex samples.
    pub sample_count: u64,
    /// Samples per second.
    pub sample_rate_hz: Option<f64>,
    /// Time of the first sample, nanoseconds since 1970.
    pub start_time_unix_ns: Option<i64>,
    /// How well the clock is known: `gnss`, `reference`, `ntp` or `none`.
    #[schema(value_type = String)]
    pub time_grade: TimeGrade,
    /// Frequency at 0 Hz of the baseband.
    pub center_frequency_hz: Option<f64>,
    /// The receiver's latitude, degrees north.
    pub latitude_deg: Option<f64>,
    /// The receiver's longitude, degrees east.
    pub longitude_deg: Option<f64>,
    /// What only a person can say.
    #[schema(value_type = Vec<String>)]
    pub questions: Vec<Question>,
}

/// Says what the whole file `name` is, or why it is nothing. Blocks.
pub(super) fn whole(
    path: &Path,
    name: &str,
    sample_format: Option<&str>,
) -> std::io::Result<Result<Recognised, String>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    Ok(of(&Rc::new(Arriving { file, arrived: length, length, missed: Cell::new(false) }), name, sample_format))
}

/// The reason why a file of which `arrived` of `length` bytes are there is nothing, where that can be said by now. Blocks.
pub(super) fn early(
    path: &Path,
    (arrived, length): (u64, u64),
    name: &str,
    sample_format: Option<&str>,
) -> std::io::Result<Option<String>> {
    let source = Rc::new(Arriving { file: File::open(path)?, arrived, length, missed: Cell::new(false) });
    let found = of(&source, name, sample_format);
    // The reader depends on nothing but what it reads: where it missed nothing, it will say the same at the end.
    Ok(found.err().filter(|_| !source.missed.get()))
}

fn of(source: &Rc<Arriving>, name: &str, sample_format: Option<&str>) -> Result<Recognised, String> {
    let bytes: Rc<dyn ByteSource> = Rc::clone(source) as _;
    let file = InputFile { name: name.to_owned(), source: bytes };
    let typed = TypedFacts { coding: sample_format.map(str::to_owned), ..TypedFacts::default() };
    let lower = name.to_ascii_lowercase();
    match open(std::slice::from_ref(&file), &typed) {
        Ok(contents) => recognised(contents, name),
        Err(Error::Incomplete { .. }) if lower.ends_with(".sigmf-meta") => metadata(file, &lower),
        Err(Error::Incomplete { what, .. }) if lower.ends_with(".sigmf-data") => {
            Ok(bare(Kind::Samples, vec![format!("These samples can be read once {what} is here too")]))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// SigMF metadata is read as if its samples were there: what is wrong with itself is found.
fn metadata(file: InputFile, lower: &str) -> Result<Recognised, String> {
    let name = file.name.clone();
    let data = format!("{}.sigmf-data", lower.trim_end_matches(".sigmf-meta"));
    let stand_in = InputFile { name: data, source: Rc::new(vec![0_u8; STAND_IN_BYTES]) };
    match open(&[file, stand_in], &TypedFacts::default()) {
        Err(
            error @ (Error::Corrupt { .. }
            | Error::Unsupported { .. }
            | Error::AbsurdRate { .. }
            | Error::Unreadable { .. }),
        ) => Err(error.to_string()),
        _ => Ok(bare(Kind::Metadata, vec![format!("The samples that belong to it are another file: {name}")])),
    }
}

fn recognised(contents: Vec<Content>, name: &str) -> Result<Recognised, String> {
    let mut found = bare(Kind::Recording, Vec::new());
    let mut kinds = Vec::new();
    for content in contents {
        kinds.push(match content {
            Content::Recording(mut recording) => {
                if recording.questions.contains(&Question::SampleFormat) {
                    return Err(format!(
                        "Nothing says what the samples of this file are, if it has any; name the format in the file's \
                         name (as in north_250k.cs16) or in Upload-Metadata as sample_format: {name}"
                    ));
                }
                found.notices.append(&mut recording.notices);
                found.recordings.push(facts(recording));
                Kind::Recording
            }
            Content::Receivers { rows, mut notices } => {
                found.rows += rows.len();
                found.notices.append(&mut notices);
                Kind::Receivers
            }
            Content::Reports { rows, mut notices } => {
                found.rows += rows.len();
                found.notices.append(&mut notices);
                Kind::Reports
            }
            Content::Collection(_) => Kind::Collection,
            Content::Refused { error, .. } => {
                found.notices.push(error.to_string());
                continue;
            }
        });
    }
    // An archive may hold several; recordings are what counts.
    let of_recordings = kinds.iter().find(|kind| **kind == Kind::Recording);
    found.kind =
        of_recordings.or(kinds.first()).copied().ok_or_else(|| format!("There is nothing in this file: {name}"))?;
    Ok(found)
}

fn facts(recording: Recording) -> RecordingFacts {
    let position = recording.position.map(|fact| fact.value);
    RecordingFacts {
        name: recording.name,
        container: recording.container,
        station: recording.station.map(|fact| fact.value),
        sample_count: recording.sample_count,
        sample_rate_hz: recording.sample_rate_hz.map(|fact| fact.value),
        start_time_unix_ns: recording.start_time_unix_ns.map(|fact| fact.value),
        time_grade: recording.time_grade,
        center_frequency_hz: recording.center_frequency_hz.map(|fact| fact.value),
        latitude_deg: position.map(|position| position.latitude_deg),
        longitude_deg: position.map(|position| position.longitude_deg),
        questions: recording.questions,
    }
}

fn bare(kind: Kind, notices: Vec<String>) -> Recognised {
    Recognised { kind, recordings: Vec::new(), rows: 0, notices }
}

/// A file of which the start is there.
struct Arriving {
    file: File,
    arrived: u64,
    length: u64,
    /// True once a byte was asked for that is not there yet.
    missed: Cell<bool>,
}

impl ByteSource for Arriving {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        let end = offset.saturating_add(buffer.len() as u64);
        if end > self.arrived && end <= self.length {
            self.missed.set(true);
            return Err("it has not arrived yet".into());
        }
        self.file.read_exact_at(buffer, offset).map_err(|error| error.to_string())
    }
}
