//! Detection, by content first and by name second, and the way to each format's reader.

use std::rc::Rc;

use crate::archive::{Entry, Listing};
use crate::bytes::Bytes;
use crate::error::shown;
use crate::filename::{self, base_name, split_extension};
use crate::inflate::is_gzip;
use crate::{
    Collection, Content, Error, InputFile, NamedCoding, ReportRow, SavedSession, TypedFacts, archive, npy, raw, sdriq,
    sigmf,
};
use crate::{table, wav};

/// Bytes that tell formats apart.
const START_BYTES: u64 = 4096;

/// Formats whose first bytes are known and that are not read, with what to do.
const REFUSED: &[(&[u8], &str, &str)] = &[
    (b"BZh", "A bzip2 file", "unpack it first"),
    (b"\xfd7zXZ", "An xz file", "unpack it first"),
    (b"7z\xbc\xaf", "A 7z archive", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "A zstd file", "unpack it first"),
    (b"fLaC", "FLAC audio", "save it as WAV"),
    (b"OggS", "Ogg audio", "use an uncompressed recording"),
    (b"ID3", "MP3 audio", "use an uncompressed recording"),
    (b"RIFX", "Big-endian RIFF", "save it as little-endian WAV"),
    (b"\x89HDF", "HDF5", "save the samples as SigMF or NumPy"),
    (b"\x89PNG", "A picture", "drop recordings"),
    (b"\xff\xd8\xff", "A picture", "drop recordings"),
    (b"%PDF", "A PDF document", "drop recordings"),
];

/// Opens a group of files as [`crate::group`] gives it. An archive gives all that it holds; what of it cannot be read
/// is [`Content::Refused`]. What is not known becomes a [`crate::Question`]; `typed` beats everything that is found.
///
/// The bytes read do not grow with the length of the files, except that compressed members of archives are unpacked
/// once, through a few megabytes of memory.
///
/// # Errors
/// Where a file cannot be read, is empty, damaged, cut within its header, claims an impossible
/// sample rate, or is nothing that can be asked about.
pub fn open(files: &[InputFile], typed: &TypedFacts) -> Result<Vec<Content>, Error> {
    let mut contents = open_group(files, typed, Around::Nothing)?;
    exchange(&mut contents, &typed.exchanged);
    Ok(contents)
}

/// Exchanges I and Q of the recordings at these places.
fn exchange(contents: &mut [Content], places: &[usize]) {
    let recordings = contents.iter_mut().filter_map(|content| match content {
        Content::Recording(recording) => Some(recording),
        _ => None,
    });
    for (_, recording) in recordings.enumerate().filter(|(index, _)| places.contains(index)) {
        recording.layout.iq_swapped = !recording.layout.iq_swapped;
    }
}

/// What a file lies in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    Archive,
    /// A `.sigmf` that is a member of an archive.
    ArchiveInArchive,
}

fn open_group(files: &[InputFile], typed: &TypedFacts, around: Around) -> Result<Vec<Content>, Error> {
    match files {
        [] => Ok(Vec::new()),
        [file] => open_one(file, typed, around),
        [a, b] if is_meta(b) && !is_meta(a) => open_sigmf(b, a, 0, typed),
        [a, b, ..] => open_sigmf(a, b, 1, typed),
    }
}

fn is_meta(file: &InputFile) -> bool {
    file.name.to_ascii_lowercase().ends_with(".sigmf-meta")
}

fn open_sigmf(
    meta: &InputFile,
    data: &InputFile,
    data_index: usize,
    typed: &TypedFacts,
) -> Result<Vec<Content>, Error> {
    let meta_bytes = Bytes::new(&meta.name, meta.source.as_ref());
    let data_bytes = Bytes::new(&data.name, data.source.as_ref());
    // Facts of the name come from the pair's stem: ".sigmf-data" is no sample format.
    let named = filename::facts(&data.name);
    if data_bytes.len() == 0 {
        return Err(Error::Empty { file: data.name.clone() });
    }
    let opened = sigmf::open(&meta_bytes, &data_bytes, &named)?;
    let finished = opened.drafts.into_iter().map(|mut draft| {
        draft.source_index = data_index;
        draft.finish(&named, typed)
    });
    let recordings = finished.collect::<Result<Vec<_>, _>>()?;
    let report = opened.report.zip(recordings.first()).map(|(report, recording)| {
        let receiver = recording.station.as_ref().map_or_else(|| recording.name.clone(), |name| name.value.clone());
        let position = recording.position.as_ref().map(|position| position.value);
        Content::Reports { rows: vec![ReportRow { receiver, position, ..report }], notices: Vec::new() }
    });
    Ok(recordings.into_iter().map(Content::Recording).chain(report).collect())
}

fn open_one(file: &InputFile, typed: &TypedFacts, around: Around) -> Result<Vec<Content>, Error> {
    let bytes = Bytes::new(&file.name, file.source.as_ref());
    if bytes.len() == 0 {
        return Err(Error::Empty { file: file.name.clone() });
    }
    let named = filename::facts(&file.name);
    let start = bytes.vec(0, START_BYTES.min(bytes.len()), "the start")?;
    let drafts = match start.as_slice() {
        [b'R', b'I', b'F', b'F', ..] | [b'R', b'F', b'6', b'4', ..] | [b'B', b'W', b'6', b'4', ..] => {
            vec![wav::open(&bytes, &named)?]
        }
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => npy::open(&bytes)?,
        start if sdriq::is_header(start) => vec![sdriq::open(&bytes)?],
        start if archive::is_tar(start) => {
            let around = inside(&bytes, around)?;
            return open_archive(file, archive::tar_members(&bytes), typed, around);
        }
        start if archive::is_zip(start) => {
            let around = inside(&bytes, around)?;
            return open_archive(file, archive::zip_members(&bytes)?, typed, around);
        }
        // Two bytes are soon alike: raw samples may begin so.
        start if is_gzip(start) && typed.coding.is_none() && named.coding.is_none() => {
            inside(&bytes, around)?;
            return open_gzip(file, &bytes, typed);
        }
        start => match open_text(&bytes, start)? {
            Some(content) => return Ok(vec![content]),
            None => vec![open_raw(&bytes, start, &named, typed)?],
        },
    };
    drafts.into_iter().map(|draft| draft.finish(&named, typed).map(Content::Recording)).collect()
}

/// What the members of an archive lie in. Of archives in archives only SigMF's own are read.
fn inside(bytes: &Bytes, around: Around) -> Result<Around, Error> {
    let sigmf = bytes.name.to_ascii_lowercase().ends_with(".sigmf");
    match around {
        Around::Nothing => Ok(Around::Archive),
        Around::Archive if sigmf => Ok(Around::ArchiveInArchive),
        _ => Err(bytes.unsupported(0, "An archive in an archive", "unpack the outer one first")),
    }
}

/// JSON and tables; `None` where the bytes are no text of a known kind.
fn open_text(bytes: &Bytes, start: &[u8]) -> Result<Option<Content>, Error> {
    let Some(text) = text_of(start) else {
        return Ok(None);
    };
    let trimmed = text.trim_start_matches('\u{feff}').trim_start();
    if trimmed.starts_with('{') {
        return open_json(bytes).map(Some);
    }
    if table::is_table(text) {
        return table::open(bytes).map(Some);
    }
    Ok(None)
}

fn open_json(bytes: &Bytes) -> Result<Content, Error> {
    let text = sigmf::read_text(bytes)?;
    let has = |key: &str| text.contains(&format!("\"{key}\""));
    let file = bytes.name.to_owned();
    if has("collection") && has("core:streams") {
        return sigmf::open_collection(&text, bytes).map(Content::Collection);
    }
    if has("global") && has("core:datatype") {
        let stem = split_extension(base_name(bytes.name)).0;
        let dataset = sigmf::meta::dataset(&text);
        let what = shown(&dataset.unwrap_or_else(|| format!("{stem}.sigmf-data")));
        return Err(Error::Incomplete { what, file });
    }
    if bytes.name.to_ascii_lowercase().contains(".sigmf") {
        return Err(bytes.corrupt(0, "JSON without \"global\" and \"core:datatype\""));
    }
    Err(Error::Unknown { what: "This JSON is no SigMF metadata".into(), file })
}

fn open_raw(
    bytes: &Bytes,
    start: &[u8],
    named: &filename::NameFacts,
    typed: &TypedFacts,
) -> Result<crate::draft::Draft, Error> {
    let file = bytes.name.to_owned();
    let coding = typed.coding.as_deref().and_then(NamedCoding::parse);
    let extension = split_extension(base_name(bytes.name)).1.to_ascii_lowercase();
    if coding.is_none() && named.coding.is_none() {
        let refused = REFUSED.iter().find(|(magic, ..)| start.starts_with(magic));
        if let Some((_, what, advice)) = refused {
            return Err(bytes.unsupported(0, *what, advice));
        }
        if extension == "sigmf-data" {
            let stem = split_extension(base_name(bytes.name)).0;
            return Err(Error::Incomplete { what: format!("{stem}.sigmf-meta"), file });
        }
        if extension == "csv" {
            let what = "This table has no columns for positions, levels or bearings \
                        (receiver, lat, lon, level_dbm, bearing_deg)";
            return Err(Error::Unknown { what: what.into(), file });
        }
        if text_of(start).is_some() {
            return Err(Error::Unknown { what: "This text is no table of receivers".into(), file });
        }
    }
    raw::open(bytes, named, coding)
}

/// The start of a file as text: UTF-8 without control characters.
fn text_of(start: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        // Only the last character may be cut.
        Err(error) if error.valid_up_to() + 4 > start.len() && start.len() as u64 == START_BYTES => {
            std::str::from_utf8(start.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    let printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    text.chars().all(printable).then_some(text)
}

/// A compressed tar archive, or one compressed file.
fn open_gzip(file: &InputFile, bytes: &Bytes, typed: &TypedFacts) -> Result<Vec<Content>, Error> {
    let (inflated, damage) = archive::gunzip(bytes, &file.source);
    let packed = inflated.packed();
    let name = match split_extension(&file.name) {
        (stem, extension) if extension.eq_ignore_ascii_case("tgz") => format!("{stem}.tar"),
        (stem, extension) if extension.eq_ignore_ascii_case("gz") => stem.to_owned(),
        _ => file.name.clone(),
    };
    let inner = InputFile { name, source: Rc::new(inflated) };
    let unpacked = Bytes::new(&inner.name, inner.source.as_ref());
    let start = unpacked.vec(0, START_BYTES.min(unpacked.len()), "the start")?;
    let mut contents = match (archive::is_tar(&start), damage) {
        // The members before the damage are sound.
        (true, Some(damage)) => {
            let mut listing = archive::tar_members(&unpacked);
            listing.refused.push((file.name.clone(), damage));
            open_archive(&inner, listing, typed, Around::Archive)?
        }
        (true, None) => open_archive(&inner, archive::tar_members(&unpacked), typed, Around::Archive)?,
        (false, Some(damage)) => return Err(damage),
        (false, None) => open_one(&inner, typed, Around::Archive)?,
    };
    for content in &mut contents {
        if let Content::Recording(recording) = content {
            recording.lies_in(packed);
        }
    }
    Ok(contents)
}

/// What the first collection among the members was saved with.
fn saved_session(file: &InputFile, entries: &[Entry]) -> Option<SavedSession> {
    let mut collections = entries.iter().filter(|entry| {
        let name = entry.name.to_ascii_lowercase();
        name.ends_with(".sigmf-collection")
    });
    let entry = collections.next()?;
    let source = entry.source(&file.source).ok()?;
    match open_json(&Bytes::new(&entry.name, source.as_ref())).ok()? {
        Content::Collection(collection) => collection.saved,
        _ => None,
    }
}

fn open_archive(file: &InputFile, listing: Listing, typed: &TypedFacts, around: Around) -> Result<Vec<Content>, Error> {
    let names: Vec<String> = listing.entries.iter().map(|entry| entry.name.clone()).collect();
    let mut contents = Vec::new();
    let mut refused = listing.refused;
    let saved = saved_session(file, &listing.entries);
    for group in crate::group(&names) {
        let entries: Vec<&Entry> = group.iter().filter_map(|index| listing.entries.get(*index)).collect();
        let files = entries.iter().map(|entry| {
            let source = entry.source(&file.source)?;
            Ok(InputFile { name: entry.name.clone(), source })
        });
        let older = saved.as_ref().zip(entries.first()).and_then(|(saved, entry)| saved.typed_for(&entry.name));
        let typed = older.map_or_else(|| typed.clone(), |older| typed.clone().over(older));
        let exchanged = older.map(|older| older.exchanged.as_slice());
        let opened = files.collect::<Result<Vec<_>, _>>().and_then(|files| {
            let mut opened = open_group(&files, &typed, around)?;
            exchange(&mut opened, exchanged.unwrap_or_default());
            Ok(opened)
        });
        match opened {
            Ok(opened) => contents.extend(opened.into_iter().map(|content| {
                let index = if let Content::Recording(recording) = &content { recording.source_index } else { 0 };
                entries.get(index).map_or(content.clone(), |entry| entry.in_archive(content))
            })),
            // A licence or a readme in an archive is no news.
            Err(Error::Unknown { .. }) if names.len() > 1 => {}
            Err(error) => refused.extend(entries.first().map(|entry| (entry.name.clone(), error))),
        }
    }
    if contents.is_empty() && refused.len() < 2 {
        let empty = || Error::Empty { file: file.name.clone() };
        return Err(refused.into_iter().next().map_or_else(empty, |(_, error)| error));
    }
    let collections: Vec<Collection> = contents
        .iter()
        .filter_map(
            |content| if let Content::Collection(collection) = content { Some(collection.clone()) } else { None },
        )
        .collect();
    for content in &mut contents {
        if let Content::Recording(recording) = content {
            let contradicted = collections.iter().filter_map(|collection| collection.contradicts(recording));
            let contradicted: Vec<String> = contradicted.collect();
            recording.notices.extend(contradicted);
        }
    }
    let news = collections.iter().filter_map(|collection| collection.notice(&names));
    let first = contents.iter_mut().find_map(|content| match content {
        Content::Recording(recording) => Some(&mut recording.notices),
        Content::Receivers { notices, .. } | Content::Reports { notices, .. } => Some(notices),
        Content::Collection(_) | Content::Refused { .. } => None,
    });
    if let Some(notices) = first {
        notices.extend(news);
        // A collection has said what it knows; outside of the archive its recordings are no files. What it was saved
        // with is still to be taken over.
        contents.retain_mut(|content| match content {
            Content::Collection(collection) => {
                collection.streams.clear();
                collection.saved.is_some()
            }
            _ => true,
        });
    }
    contents.extend(refused.into_iter().map(|(name, error)| Content::Refused { name, error }));
    Ok(contents)
}
