//! Convolutions whose stride is their kernel: maps cut into patches, then a linear layer. A patch is (channels, step,
//! step), as the kernel's rows are.

use super::map::Shape;
use crate::forward::band_coordinates;
use crate::layout::{BANDS, FRAMES};

/// Stride of the stem.
pub(super) const STEM: usize = 4;
/// Stride between stages.
pub(super) const HALVING: usize = 2;

/// Patches (scenes · 32 · 8, C · 16) of `planes` (scenes, C, 128, 32); after a scene's planes comes that of the
/// coordinates, where it is wanted.
pub(super) fn of_planes(planes: &[f32], channels: usize, coordinates: bool) -> Vec<f32> {
    let length = (channels + usize::from(coordinates)) * STEM * STEM;
    let per_scene = (BANDS / STEM) * (FRAMES / STEM);
    let mut patches = vec![0.0; planes.len() / (channels * BANDS * FRAMES) * per_scene * length];
    let column: Vec<f32> = band_coordinates().into_iter().flat_map(|x| [x; FRAMES]).collect();
    let scenes = planes.chunks_exact(channels * BANDS * FRAMES).zip(patches.chunks_exact_mut(per_scene * length));
    for (scene, patches) in scenes {
        let all = scene.chunks_exact(BANDS * FRAMES).chain(coordinates.then_some(column.as_slice()));
        for (channel, plane) in all.enumerate() {
            for (band, row) in plane.chunks_exact(FRAMES).enumerate() {
                let patches = patches[band / STEM * (FRAMES / STEM) * length..].chunks_exact_mut(length);
                let at = (channel * STEM + band % STEM) * STEM;
                for (part, patch) in row.chunks_exact(STEM).zip(patches) {
                    patch[at..at + STEM].copy_from_slice(part);
                }
            }
        }
    }
    patches
}

/// Patches (scenes · rows/2 · columns/2, width · 4) of maps (scenes, rows, columns, width).
pub(super) fn of_maps(maps: &[f32], shape: Shape) -> Vec<f32> {
    let mut patches = vec![0.0; maps.len()];
    for (place, cell) in maps.chunks_exact(shape.width).enumerate() {
        let (patch, offset) = patch_of(place, shape);
        let patch = &mut patches[patch * shape.width * HALVING * HALVING..][..shape.width * HALVING * HALVING];
        patch.iter_mut().skip(offset).step_by(HALVING * HALVING).zip(cell).for_each(|(to, from)| *to = *from);
    }
    patches
}

/// The inverse of [`of_maps`].
pub(super) fn to_maps(patches: &[f32], shape: Shape) -> Vec<f32> {
    let mut maps = vec![0.0; patches.len()];
    for (place, cell) in maps.chunks_exact_mut(shape.width).enumerate() {
        let (patch, offset) = patch_of(place, shape);
        let patch = &patches[patch * shape.width * HALVING * HALVING..][..shape.width * HALVING * HALVING];
        patch.iter().skip(offset).step_by(HALVING * HALVING).zip(cell).for_each(|(from, to)| *to = *from);
    }
    maps
}

/// Which patch a place of the maps is in, and where in the patch's channels. Scenes follow one another as rows do:
/// they have an even number of them.
fn patch_of(place: usize, shape: Shape) -> (usize, usize) {
    let (row, column) = (place / shape.columns, place % shape.columns);
    let patch = row / HALVING * (shape.columns / HALVING) + column / HALVING;
    (patch, row % HALVING * HALVING + column % HALVING)
}
