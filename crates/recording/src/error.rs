//! What can stop a file from being opened or read, as sentences for the user.

use thiserror::Error;

/// Why a file was refused. What a user could answer is a [`crate::Question`] and not an error.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Error {
    /// The byte source failed.
    #[error("Reading at byte {offset} failed ({reason}); choose the file again: {file}")]
    Unreadable {
        /// Name of the file.
        file: String,
        /// Where the read began.
        offset: u64,
        /// What the source said.
        reason: String,
    },
    /// There is no byte, or a header and no sample behind it.
    #[error("There is no sample in this file; record it again: {file}")]
    Empty {
        /// Name of the file.
        file: String,
    },
    /// A header ends with the file.
    #[error("The file ends at byte {offset}, inside {what}; copy it again from where it was recorded: {file}")]
    Truncated {
        /// The structure that is cut, with its article.
        what: String,
        /// Length of the file.
        offset: u64,
        /// Name of the file.
        file: String,
    },
    /// A structure contradicts its format.
    #[error("{what} at byte {offset}; the file is damaged or of another format: {file}")]
    Corrupt {
        /// What was found, the start of a sentence.
        what: String,
        /// Where it was found.
        offset: u64,
        /// Name of the file.
        file: String,
    },
    /// A known format in a variant that is not read.
    #[error("{what} at byte {offset} cannot be read; {advice}: {file}")]
    Unsupported {
        /// What was found, the start of a sentence.
        what: String,
        /// Where it was found.
        offset: u64,
        /// What to do instead.
        advice: String,
        /// Name of the file.
        file: String,
    },
    /// A sample rate that no receiver has.
    #[error("A sample rate of {} Hz is not possible; type in the true one: {file}", short(*rate_hz))]
    AbsurdRate {
        /// The rate as found.
        rate_hz: f64,
        /// Name of the file.
        file: String,
    },
    /// A file that means nothing without another.
    #[error("{what} is missing; drop both files together: {file}")]
    Incomplete {
        /// The file that is missing, the start of a sentence.
        what: String,
        /// Name of the file that is there.
        file: String,
    },
    /// A sample format that the user typed in is none.
    #[error("\"{coding}\" is no sample format; write for example cu8, cs16 or cf32: {file}")]
    UnknownCoding {
        /// What was typed in.
        coding: String,
        /// Name of the file.
        file: String,
    },
    /// A typed-in fact that cannot be.
    #[error("{key}={text} cannot be; write {wanted}")]
    BadFact {
        /// Which fact.
        key: String,
        /// What was typed in.
        text: String,
        /// What it should have been.
        wanted: &'static str,
    },
    /// Content that is neither a recording nor a table.
    #[error("{what}; drop IQ recordings, receivers.csv or level and bearing tables: {file}")]
    Unknown {
        /// What was found, the start of a sentence.
        what: String,
        /// Name of the file.
        file: String,
    },
}

/// A number from a damaged header, without hundreds of digits.
fn short(value: f64) -> String {
    let plain = value == 0.0 || (1e-3..1e15).contains(&value.abs());
    if plain { value.to_string() } else { format!("{value:e}") }
}

/// A text from a file, without what would garble a terminal or a page.
pub(crate) fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
