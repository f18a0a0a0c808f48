//! Bytes to recordings: formats, metadata, clocks, random access to samples.
//!
//! ```
//! use std::rc::Rc;
//! use heimdall_recording::{Content, InputFile, Question, TypedFacts, open};
//!
//! let source = Rc::new(vec![127_u8; 4096]);
//! let file = InputFile { name: "north_433.92M_250k.cu8".into(), source: source.clone() };
//! let contents = open(&[file], &TypedFacts::default())?;
//! let [Content::Recording(recording)] = contents.as_slice() else { unreachable!() };
//! assert_eq!(recording.sample_count, 2048);
//! assert_eq!(recording.sample_rate_hz.as_ref().map(|rate| rate.value), Some(250e3));
//! assert!(recording.questions.contains(&Question::Position));
//!
//! let mut samples = vec![Default::default(); 16];
//! let outcome = recording.samples(source.as_ref()).read(0, &mut samples)?;
//! assert_eq!((outcome.samples, outcome.clipped), (16, 0));
//! # Ok::<(), heimdall_recording::Error>(())
//! ```
//!
//! # Limits
//! Of archives zip, tar (and with it `.sigmf`) and tar.gz are read; what is compressed in them is unpacked once when
//! it is opened, and again up to the samples that are wanted, through a few megabytes of memory. Other archives are
//! refused with the advice to unpack them. Arrays and archives give at most 64 and 1024 recordings. Nothing here knows
//! files, clocks or threads; all bytes come through [`ByteSource`], in reads of at most 1 MiB while
//! samples are decoded.
#![forbid(unsafe_code)]

mod archive;
mod bytes;
mod checksum;
mod clock_fit;
mod coding;
mod decode;
mod draft;
mod error;
mod fact;
mod filename;
mod gps_time;
mod inflate;
mod input;
mod layout;
mod npy;
mod numbers;
mod open;
mod packed;
mod position;
mod raw;
mod recording;
mod sdriq;
mod sigmf;
mod source;
mod stamps;
mod statistics;
mod table;
mod time_text;
mod typed;
mod wav;

pub use checksum::Checksum;
pub use clock_fit::ClockFit;
pub use coding::{NamedCoding, Number, SampleCoding};
pub use decode::{ReadOutcome, Samples};
pub use error::Error;
pub use fact::{Fact, Origin};
pub use input::{Content, InputFile, group};
pub use layout::{Layout, Run};
pub use open::open;
pub use packed::{Compression, Packed};
pub use position::Position;
pub use recording::{Question, Recording, TimeGrade};
pub use sigmf::{Collection, SavedPlace, SavedSession, Stream};
pub use source::ByteSource;
pub use statistics::{SampleStatistics, sample_statistics};
pub use table::{ReceiverRow, ReportRow};
pub use typed::TypedFacts;
