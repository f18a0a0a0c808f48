//! What is known of one recording.

use serde::{Deserialize, Serialize};

use crate::{Checksum, ClockFit, Fact, Layout, Packed, Position};

/// How well a recording's clock is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeGrade {
    /// Disciplined by satellites, about 0.1 µs.
    Gnss,
    /// Aligned on a known transmitter.
    Reference,
    /// A computer's clock, milliseconds: not usable for time differences.
    Ntp,
    /// Unknown.
    None,
}

/// A fact that only the user can supply, shown as a question and not as an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Where is the receiver?
    Position,
    /// Samples per second?
    SampleRate,
    /// Centre frequency?
    CenterFrequency,
    /// Sample format of a raw file?
    SampleFormat,
    /// The clock was refused; is it disciplined?
    Clock,
    /// Is this IQ at all? (stereo audio, two real channels)
    IsItIq,
}

/// One recording: complex baseband of one receiver, not yet read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// Name of the file (or archive member) that holds the samples.
    pub name: String,
    /// Which of the group's files (see [`crate::open`]) the layout's offsets refer to.
    pub source_index: usize,
    /// Container, in the field's words: "KiwiSDR WAV", "SigMF", "raw", …
    pub container: String,
    /// Where the samples lie in the byte source and how they are coded.
    pub layout: Layout,
    /// The compressed stretch whose unpacked bytes the layout counts, where they are not the source's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packed: Option<Packed>,
    /// Complex samples.
    pub sample_count: u64,
    /// True samples per second (from stamps where there are any).
    pub sample_rate_hz: Option<Fact<f64>>,
    /// Time of sample 0, nanoseconds since 1970-01-01 UTC.
    pub start_time_unix_ns: Option<Fact<i64>>,
    /// How well the clock is known.
    pub time_grade: TimeGrade,
    /// Why the clock has this grade, one sentence.
    pub time_reason: String,
    /// Scatter of the time stamps around their line, seconds (1 σ), where there are stamps.
    ///
    /// Of a clock that was aligned on a reference transmitter: 1 σ of its alignment.
    pub time_sigma_s: Option<f64>,
    /// What the alignment on a reference transmitter found beside rate and start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_fit: Option<ClockFit>,
    /// Frequency at 0 Hz of the baseband.
    pub center_frequency_hz: Option<Fact<f64>>,
    /// The receiver's position.
    pub position: Option<Fact<Position>>,
    /// The receiver's name.
    pub station: Option<Fact<String>>,
    /// What the metadata says the data's checksum is; not verified here.
    pub checksum: Option<Checksum>,
    /// SHA-512 of the SigMF metadata, hexadecimal, lower case; a collection may state it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_sha512: Option<String>,
    /// Power of a full-scale tone at the receiver's input, dBm, where the receiver is calibrated.
    pub full_scale_dbm: Option<Fact<f64>>,
    /// Made by a simulator, as the metadata says.
    pub synthetic: bool,
    /// What only the user can answer.
    pub questions: Vec<Question>,
    /// Sentences worth showing (truncated file, bogus first block, …).
    pub notices: Vec<String>,
}

impl Recording {
    /// Notes that the layout counts unpacked bytes. Their own checksum was compared already, and the metadata's is of
    /// bytes that no one else sees.
    pub(crate) fn lies_in(&mut self, packed: Packed) {
        self.packed = Some(packed);
        self.checksum = None;
    }
}
