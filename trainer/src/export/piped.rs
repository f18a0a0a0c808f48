//! Programs of others that answer scenes: files and planes in through a pipe, numbers out.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use anyhow::{Result, ensure};
use heimdall_model::{Answer, DensityCard, Planes};

/// Position and covariance.
const NUMBERS: usize = 5;

/// What `command` says of files and scenes. Its standard input are numbers of 64 bits (bytes of each file, scenes, planes
/// of a scene), then the files, then the planes as numbers of 32 bits; it must not write before it has read all.
pub(super) fn piped(command: &mut Command, files: &[&[u8]], planes: &[Planes]) -> std::io::Result<Output> {
    let count = planes.first().map_or(0, Planes::plane_count);
    let mut input = Vec::new();
    for number in files.iter().map(|file| file.len()).chain([planes.len(), count]) {
        input.extend((number as u64).to_le_bytes());
    }
    files.iter().for_each(|file| input.extend_from_slice(file));
    planes.iter().flat_map(Planes::values).for_each(|value| input.extend(value.to_le_bytes()));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    // Where it ends early, its words say more than the broken pipe.
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(&input));
    child.wait_with_output()
}

/// Answers to so many scenes out of numbers of 32 bits: for each position, covariance's factor, cells.
///
/// # Errors
/// Where there are more or fewer.
pub(super) fn answers(bytes: &[u8], scenes: usize, density: Option<DensityCard>, who: &str) -> Result<Vec<Answer>> {
    let each = NUMBERS + density.map_or(0, |density| density.cells.pow(2));
    let numbers: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    ensure!(numbers.len() == scenes * each, "{who} gave {} numbers for {scenes} scenes", numbers.len());
    Ok(numbers.chunks_exact(each).filter_map(answer).collect())
}

fn answer(numbers: &[f32]) -> Option<Answer> {
    let (gaussian, cells) = numbers.split_first_chunk::<NUMBERS>()?;
    let [east, north, l11, l21, l22] = gaussian.map(f64::from);
    let density = (!cells.is_empty()).then(|| cells.to_vec());
    Some(Answer { position_enu_m: [east, north], factor_m: [l11, l21, l22], density })
}
