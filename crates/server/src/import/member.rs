//! Members of a tar archive (ustar, with GNU's large sizes) as they come.

use std::time::Duration;

use axum::http::StatusCode;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::refused;
use crate::problem::{Outcome, Problem};

const RECORD: usize = 512;
pub(super) const BUFFER: usize = 64 << 10;

/// A file of the archive; its content comes next.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) length: u64,
    /// Bytes that have not come yet.
    left: u64,
}

/// The next regular file; none at the end.
pub(super) async fn next(archive: &mut (impl AsyncRead + Unpin), idle: Duration) -> Outcome<Option<Member>> {
    loop {
        let mut header = [0; RECORD];
        if read(archive, &mut header[..1], idle).await? == 0 {
            return Ok(None);
        }
        fill(archive, &mut header[1..], idle).await?;
        if header.iter().all(|byte| *byte == 0) {
            // Two such records end it; what follows is nothing.
            continue;
        }
        let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
        let stated = &header[148..156];
        let own: u64 = stated.iter().map(|byte| u64::from(*byte)).sum();
        if octal(stated) != Some(sum - own + 8 * u64::from(b' ')) {
            return Err(refused("This is no tar archive, or it is damaged; export the session again"));
        }
        let size = &header[124..136];
        let length = match size.first() {
            Some(0x80) => size.last_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes)),
            _ => octal(size),
        };
        let length = length.ok_or_else(|| refused("A member of this archive has no size; export the session again"))?;
        let text = |field: &[u8]| {
            String::from_utf8_lossy(field.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned()
        };
        let member = Member { name: text(&header[..100]), length, left: length };
        match header[156] {
            b'0' | 0 => return Ok(Some(member)),
            // Names of more than 100 bytes: what follows would have a wrong one.
            b'x' | b'L' | b'g' => {
                return Err(refused("This archive has extended headers; write it with tar --format=ustar"));
            }
            _ => skip(archive, member, idle).await?,
        }
    }
}

/// Passes over a member's content.
pub(super) async fn skip(archive: &mut (impl AsyncRead + Unpin), mut member: Member, idle: Duration) -> Outcome<()> {
    let mut buffer = vec![0; BUFFER];
    while piece(archive, &mut member, &mut buffer, idle).await? > 0 {}
    Ok(())
}

/// The next bytes of a member's content; 0 at its end.
pub(super) async fn piece(
    archive: &mut (impl AsyncRead + Unpin),
    member: &mut Member,
    buffer: &mut [u8],
    idle: Duration,
) -> Outcome<usize> {
    if member.left == 0 {
        let mut padding = [0; RECORD];
        let length = usize::try_from(
            member.length.checked_next_multiple_of(RECORD as u64).unwrap_or(member.length) - member.length,
        )
        .unwrap_or(0);
        fill(archive, padding.get_mut(..length).unwrap_or_default(), idle).await?;
        return Ok(0);
    }
    let wanted = usize::try_from(member.left).map_or(buffer.len(), |left| left.min(buffer.len()));
    let count = read(archive, buffer.get_mut(..wanted).unwrap_or_default(), idle).await?;
    if count == 0 {
        return Err(cut());
    }
    member.left -= count as u64;
    Ok(count)
}

async fn fill(archive: &mut (impl AsyncRead + Unpin), mut buffer: &mut [u8], idle: Duration) -> Outcome<()> {
    while !buffer.is_empty() {
        let count = read(archive, buffer, idle).await?;
        if count == 0 {
            return Err(cut());
        }
        buffer = buffer.get_mut(count..).unwrap_or_default();
    }
    Ok(())
}

async fn read(archive: &mut (impl AsyncRead + Unpin), buffer: &mut [u8], idle: Duration) -> Outcome<usize> {
    let late = |_| Problem::new(StatusCode::REQUEST_TIMEOUT, "Nothing came for too long; send the archive again");
    let read = tokio::time::timeout(idle, archive.read(buffer)).await.map_err(late)?;
    read.map_err(|error| Problem::bad_request(format!("The archive broke off ({error}); send it again")))
}

fn cut() -> Problem {
    refused("This archive ends before its last member does; send all of it")
}

/// Octal text up to a blank or zero.
fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?;
    u64::from_str_radix(text.trim_matches(['\0', ' ']), 8).ok()
}
