//! SigMF 1.2: metadata in JSON beside (or packed with) the samples.

mod captures;
mod collection;
pub(crate) mod meta;
mod saved;
mod spatial;

pub(crate) use collection::open as open_collection;
pub use collection::{Collection, Stream};
pub use saved::{SavedPlace, SavedSession};

use crate::bytes::{Bytes, MAX_TEXT_BYTES};
use crate::draft::Draft;
use crate::filename::NameFacts;
use crate::{Checksum, Error, Fact, Origin, ReportRow};
use captures::Segment;
use meta::Meta;
use sha2::{Digest, Sha512};
use spatial::Bearing;

/// Segments of a recording that become recordings of their own.
const MAX_SEGMENTS: usize = 64;
/// Channels that become recordings of their own.
const MAX_CHANNELS: u32 = 64;

/// What metadata and samples give.
pub(crate) struct Opened {
    /// One for each channel and for each stretch of samples without a break in time or frequency.
    pub(crate) drafts: Vec<Draft>,
    /// What the receiver reports beside its samples; it is the first draft's.
    pub(crate) report: Option<ReportRow>,
}

/// Opens metadata and samples.
pub(crate) fn open(meta: &Bytes, data: &Bytes, named: &NameFacts) -> Result<Opened, Error> {
    let (text, sha512) = read_text_and_sum(meta)?;
    let meta = Meta::read(&text, meta)?;
    let channels = meta.channels;
    if channels == 0 || channels > MAX_CHANNELS {
        return Err(data.corrupt(0, format!("The metadata says {channels} channels")));
    }
    let numbers = channels * if meta.datatype.complex { 2 } else { 1 };
    let segments = captures::segments(&meta, data, numbers);
    let split = segments.len() > 1;
    let mut drafts = Vec::new();
    for (number, segment) in segments.iter().take(MAX_SEGMENTS).enumerate() {
        let of_segment = if split { format!(" (segment {})", number + 1) } else { String::new() };
        let complex_channels = if meta.datatype.complex { channels } else { 1 };
        for channel in 0..complex_channels {
            let mut draft = draft(&meta, segment, data, named);
            draft.metadata_sha512 = Some(sha512.clone());
            draft.layout.i_channel = u64::from(channel) * 2;
            draft.layout.q_channel = meta.datatype.complex.then_some(u64::from(channel) * 2 + 1);
            let of_channel = match complex_channels {
                1 => String::new(),
                _ => format!(" (channel {})", channel + 1),
            };
            if let Some(station) = &mut draft.station {
                station.value.push_str(&of_channel);
            }
            draft.name = format!("{}{of_channel}{of_segment}", data.name);
            if segments.len() > MAX_SEGMENTS {
                let count = segments.len();
                draft.notices.push(format!("Only {MAX_SEGMENTS} of {count} segments are opened"));
            }
            drafts.push(draft);
        }
    }
    let (bearing, notice) = spatial::bearing(&meta);
    if let Some(first) = drafts.first_mut() {
        first.notices.extend(notice);
    }
    Ok(Opened { drafts, report: bearing.map(report) })
}

/// As a row of a table would say it; whose it is and where that was is added later.
fn report(bearing: Bearing) -> ReportRow {
    ReportRow {
        receiver: String::new(),
        position: None,
        local_enu_m: None,
        level_dbm: None,
        bearing_deg: Some(bearing.azimuth_deg),
        level_sigma_db: None,
        bearing_sigma_deg: bearing.error_deg,
        frequency_hz: bearing.frequency_hz,
        time_unix_ns: None,
    }
}

fn draft(meta: &Meta, segment: &Segment, data: &Bytes, named: &NameFacts) -> Draft {
    let mut draft = Draft::new(data.name, "SigMF", segment.layout.clone());
    let fact = |value: f64| Fact::new(value, Origin::Sidecar);
    draft.sample_rate_hz = meta.sample_rate_hz.map(fact);
    draft.center_frequency_hz = segment.frequency_hz.map(fact);
    draft.start_time_unix_ns = segment.start_ns.map(|ns| Fact::new(ns, Origin::Sidecar));
    draft.clock = meta.clock(segment.start_ns, segment.fraction_digits);
    draft.position = segment.position.or(meta.position).map(|p| Fact::new(p, Origin::Sidecar));
    draft.full_scale_dbm = meta.full_scale_dbm.map(|dbm| Fact::new(dbm, Origin::Sidecar));
    draft.synthetic = meta.synthetic;
    draft.station = Some(match &meta.station {
        Some(station) => Fact::new(station.clone(), Origin::Sidecar),
        None => Fact::new(named.station.clone(), Origin::FileName),
    });
    draft.checksum = meta.sha512.clone().map(|sha512| Checksum { sha512, offset: 0, byte_len: data.len() });
    draft.notices.clone_from(&segment.notices);
    if meta.synthetic {
        draft.notices.push("Simulated: these samples are not from a receiver".into());
    }
    if !meta.datatype.complex {
        draft.ask_iq = true;
        let channels = match meta.channels {
            1 => "one real channel".to_owned(),
            count => format!("{count} real channels"),
        };
        draft.notices.push(format!("The metadata says {channels}: this is not IQ"));
    }
    draft
}

/// All of a metadata file as text.
pub(crate) fn read_text(meta: &Bytes) -> Result<String, Error> {
    read_text_and_sum(meta).map(|(text, _)| text)
}

/// All of a metadata file as text, and its SHA-512.
fn read_text_and_sum(meta: &Bytes) -> Result<(String, String), Error> {
    if meta.len() == 0 {
        return Err(Error::Empty { file: meta.name.to_owned() });
    }
    if meta.len() > MAX_TEXT_BYTES {
        return Err(meta.unsupported(0, "Metadata of more than 16 MiB", "drop annotations"));
    }
    let bytes = meta.vec(0, meta.len(), "the metadata")?;
    let sum = Sha512::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to() as u64;
        meta.corrupt(valid, "Text that is not UTF-8")
    })?;
    Ok((text.trim_start_matches('\u{feff}').to_owned(), sum))
}
