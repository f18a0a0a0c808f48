//! Detection, by content first and by name second, and the way to each format's reader.

use std::rc::Rc;

use crate::bytes::Bytes;
use crate::filename::{self, base_name, split_extension};
use crate::{Content, Error, InputFile, NamedCoding, TypedFacts, archive, npy, raw, sdriq, sigmf};
use crate::{table, wav};

/// Bytes that tell formats apart.
const START_BYTES: u64 = 4096;

/// Formats whose first bytes are known and that are not read, with what to do.
const REFUSED: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "A zip archive", "unpack it first"),
    (b"\x1f\x8b", "A gzip file", "unpack it first"),
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

/// Opens a group of files as [`crate::group`] gives it. A SigMF or tar archive gives all that it
/// holds. What is not known becomes a [`crate::Question`]; `typed` beats everything that is found.
///
/// The time and the bytes read do not grow with the length of the files.
///
/// # Errors
/// Where a file cannot be read, is empty, damaged, cut within its header, claims an impossible
/// sample rate, or is nothing that can be asked about.
pub fn open(files: &[InputFile], typed: &TypedFacts) -> Result<Vec<Content>, Error> {
    open_group(files, typed, false)
}

fn open_group(files: &[InputFile], typed: &TypedFacts, in_archive: bool) -> Result<Vec<Content>, Error> {
    match files {
        [] => Ok(Vec::new()),
        [file] => open_one(file, typed, in_archive),
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
    let drafts = sigmf::open(&meta_bytes, &data_bytes, &named)?;
    let finished = drafts.into_iter().map(|mut draft| {
        draft.source_index = data_index;
        draft.finish(&named, typed).map(Content::Recording)
    });
    finished.collect()
}

fn open_one(file: &InputFile, typed: &TypedFacts, in_archive: bool) -> Result<Vec<Content>, Error> {
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
            if in_archive {
                let advice = "unpack the outer archive first";
                return Err(bytes.unsupported(0, "An archive in an archive", advice));
            }
            return open_archive(file, typed);
        }
        start => match open_text(&bytes, start)? {
            Some(content) => return Ok(vec![content]),
            None => vec![open_raw(&bytes, start, &named, typed)?],
        },
    };
    drafts.into_iter().map(|draft| draft.finish(&named, typed).map(Content::Recording)).collect()
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
        let what = dataset.unwrap_or_else(|| format!("{stem}.sigmf-data"));
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

fn open_archive(file: &InputFile, typed: &TypedFacts) -> Result<Vec<Content>, Error> {
    let bytes = Bytes::new(&file.name, file.source.as_ref());
    let members = archive::members(&bytes)?;
    let names: Vec<String> = members.iter().map(|member| member.name.clone()).collect();
    let mut contents = Vec::new();
    let mut errors = Vec::new();
    for group in crate::group(&names) {
        let members: Vec<_> = group.iter().filter_map(|index| members.get(*index)).collect();
        let files: Vec<InputFile> = members
            .iter()
            .map(|member| InputFile { name: member.name.clone(), source: Rc::new(member.source(&file.source)) })
            .collect();
        match open_group(&files, typed, true) {
            Ok(opened) => contents.extend(opened.into_iter().map(|content| {
                let offset = |index: usize| members.get(index).map_or(0, |member| member.offset);
                in_archive(content, offset)
            })),
            Err(error) => errors.push(error),
        }
    }
    if contents.is_empty() {
        let empty = || Error::Empty { file: file.name.clone() };
        return Err(errors.into_iter().next().unwrap_or_else(empty));
    }
    // A licence or a readme in an archive is no news.
    let news = errors.iter().filter(|error| !matches!(error, Error::Unknown { .. })).map(ToString::to_string);
    let incomplete = contents.iter().filter_map(|content| match content {
        Content::Collection(collection) => collection.notice(&names),
        _ => None,
    });
    let news: Vec<String> = news.chain(incomplete).collect();
    let first = contents.iter_mut().find_map(|content| match content {
        Content::Recording(recording) => Some(&mut recording.notices),
        Content::Receivers { notices, .. } | Content::Reports { notices, .. } => Some(notices),
        Content::Collection(_) => None,
    });
    if let Some(notices) = first {
        notices.extend(news);
        // A collection has said what it knows; outside of the archive its recordings are no files.
        contents.retain(|content| !matches!(content, Content::Collection(_)));
    }
    Ok(contents)
}

/// Offsets of a member's recording as offsets of the archive.
fn in_archive(content: Content, offset: impl Fn(usize) -> u64) -> Content {
    let Content::Recording(mut recording) = content else {
        return content;
    };
    let shift = offset(recording.source_index);
    recording.layout.shift(shift);
    if let Some(checksum) = &mut recording.checksum {
        checksum.offset = checksum.offset.saturating_add(shift);
    }
    recording.source_index = 0;
    Content::Recording(recording)
}
