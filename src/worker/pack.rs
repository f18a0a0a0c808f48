//! An archive of the user's files: what stands before, between and after them. The files themselves are not read, but for
//! the metadata of SigMF recordings, whose checksums the collection states.

use heimdall_blob::BlobSource;
use heimdall_page::protocol::Reply;
use heimdall_pipeline::export;
use heimdall_recording::{ByteSource, SavedSession, Stream};
use sha2::{Digest, Sha512};
use web_sys::File;

const COLLECTION: &str = "heimdall-session.sigmf-collection";
/// Blocks of a tar archive; two empty ones end it.
const BLOCK: u64 = 512;
/// Longer metadata are none.
const MAX_META_BYTES: u64 = 16 << 20;
/// Starts of zip and gzip; tar says what it is further on.
const ARCHIVES: [&[u8]; 2] = [b"PK\x03\x04", &[0x1f, 0x8b]];

pub(crate) fn pack(names: &[String], files: Vec<File>, saved: &SavedSession) -> Reply {
    match pieces(names, files, saved) {
        Ok(pieces) => Reply::Packed(pieces),
        Err(sentence) => Reply::Failed(sentence),
    }
}

fn pieces(names: &[String], files: Vec<File>, saved: &SavedSession) -> Result<Vec<Vec<u8>>, String> {
    let sources = files.into_iter().map(BlobSource::new).collect::<Result<Vec<_>, _>>()?;
    let mut streams = Vec::new();
    for (name, source) in names.iter().zip(&sources) {
        if is_archive(name, source)? {
            return Err(format!(
                "The session cannot be saved as one file, since an archive in an archive is not read. Unpack it, drop \
                 its files, and save again: {name}"
            ));
        }
        if let Some(stem) = name.strip_suffix(".sigmf-meta") {
            streams.push(Stream { name: stem.to_owned(), sha512: sum(source)? });
        }
    }
    let collection = export::collection(&streams, saved).into_bytes();
    let mut piece = head(COLLECTION, collection.len() as u64)?;
    piece.extend(&collection);
    pad(&mut piece, collection.len() as u64);
    let mut pieces = Vec::with_capacity(names.len() + 1);
    for (name, source) in names.iter().zip(&sources) {
        piece.extend(head(name, source.len())?);
        pieces.push(std::mem::take(&mut piece));
        pad(&mut piece, source.len());
    }
    piece.extend(std::iter::repeat_n(0, 2 * BLOCK as usize));
    pieces.push(piece);
    Ok(pieces)
}

fn is_archive(name: &str, source: &BlobSource) -> Result<bool, String> {
    let mut start = vec![0; BLOCK.min(source.len()) as usize];
    source.read_exact_at(0, &mut start)?;
    let is_tar = start.get(257..262) == Some(b"ustar");
    // SigMF's own archives may lie in others.
    let is_sigmf = name.to_lowercase().ends_with(".sigmf");
    Ok((is_tar && !is_sigmf) || ARCHIVES.iter().any(|magic| start.starts_with(magic)))
}

fn sum(meta: &BlobSource) -> Result<Option<String>, String> {
    if meta.len() > MAX_META_BYTES {
        return Ok(None);
    }
    let mut text = vec![0; meta.len() as usize];
    meta.read_exact_at(0, &mut text)?;
    Ok(Some(Sha512::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// What stands before a member: a block, or more where the name is long.
fn head(name: &str, length: u64) -> Result<Vec<u8>, String> {
    let mut header = tar::Header::new_gnu();
    header.set_size(length);
    header.set_mode(0o644);
    header.set_mtime(0);
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_data(&mut header, name, std::io::empty()).map_err(|error| format!("{error}: {name}"))?;
    Ok(builder.get_ref().clone())
}

/// Members end at a block's end.
fn pad(piece: &mut Vec<u8>, length: u64) {
    piece.extend(std::iter::repeat_n(0, (length.next_multiple_of(BLOCK) - length) as usize));
}
