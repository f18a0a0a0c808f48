//! Where the samples lie in the byte source.

use serde::{Deserialize, Serialize};

use crate::SampleCoding;

/// Equally long blocks of frames at a regular distance: one block for contiguous samples,
/// many for a KiwiSDR WAV, whose blocks of 2048 bytes lie 2074 bytes apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Offset of the first sample of the first block in the byte source.
    pub offset: u64,
    /// Bytes of samples in each block.
    pub block_bytes: u64,
    /// Bytes from the start of one block to the start of the next.
    pub stride: u64,
    /// Number of blocks.
    pub block_count: u64,
}

/// Where the samples lie in the byte source and how they are coded.
///
/// A *frame* is one number of each channel. Complex samples are two channels of a frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// Where the frames lie, in the order of time.
    pub runs: Vec<Run>,
    /// Coding of each number.
    pub coding: SampleCoding,
    /// Numbers in a frame.
    pub channels: u32,
    /// Which number of the frame is I.
    pub i_channel: u64,
    /// Which number, counted from the start of the frame, is Q; `None` where the samples are real.
    /// It may lie past the frame: then I and Q are separate planes (an array of shape (2, N)).
    pub q_channel: Option<u64>,
    /// I and Q are exchanged, which mirrors the spectrum.
    pub iq_swapped: bool,
    /// Factor after integers were scaled to ±1 (256 for 24-bit numbers in 32 bits).
    pub gain: f32,
}

impl Layout {
    /// Contiguous frames of `channels` numbers; the first two are I and Q.
    #[must_use]
    pub fn contiguous(offset: u64, byte_len: u64, coding: SampleCoding, channels: u32) -> Self {
        Self {
            runs: vec![Run { offset, block_bytes: byte_len, stride: byte_len, block_count: 1 }],
            coding,
            channels,
            i_channel: 0,
            q_channel: (channels >= 2).then_some(1),
            iq_swapped: false,
            gain: 1.0,
        }
    }

    /// Bytes of a frame, at least 1.
    #[must_use]
    pub fn frame_bytes(&self) -> u64 {
        self.coding.bytes().saturating_mul(u64::from(self.channels)).max(1)
    }

    /// Whole frames in each block of `run`.
    #[must_use]
    pub fn frames_per_block(&self, run: &Run) -> u64 {
        run.block_bytes / self.frame_bytes()
    }

    /// Whole frames: complex samples, or real ones without [`Self::q_channel`].
    #[must_use]
    pub fn sample_count(&self) -> u64 {
        self.runs
            .iter()
            .map(|run| self.frames_per_block(run).saturating_mul(run.block_count))
            .fold(0, u64::saturating_add)
    }

    /// The byte range `(offset, length)` from the first to the last byte of the samples.
    #[must_use]
    pub fn byte_range(&self) -> (u64, u64) {
        let start = self.runs.iter().map(|run| run.offset).min().unwrap_or(0);
        let end = self
            .runs
            .iter()
            .map(|run| {
                run.stride
                    .saturating_mul(run.block_count.saturating_sub(1))
                    .saturating_add(run.block_bytes)
                    .saturating_add(run.offset)
            })
            .max()
            .unwrap_or(0);
        (start, end.saturating_sub(start))
    }

    /// Moves everything by `bytes`, for a file that is a member of an archive.
    pub(crate) fn shift(&mut self, bytes: u64) {
        for run in &mut self.runs {
            run.offset = run.offset.saturating_add(bytes);
        }
    }

    /// Keeps the blocks that hold any of the `keep` samples after the first `skip`;
    /// `skip` is the start of a block.
    pub(crate) fn keep_blocks(&mut self, skip: u64, keep: u64) {
        let mut position = 0_u64;
        let end = skip.saturating_add(keep);
        let (frame_bytes, runs) = (self.frame_bytes(), std::mem::take(&mut self.runs));
        for run in runs {
            let per_block = (run.block_bytes / frame_bytes).max(1);
            let first = skip.saturating_sub(position) / per_block;
            let last = end.saturating_sub(position).div_ceil(per_block).min(run.block_count);
            if first < last {
                self.runs.push(Run {
                    offset: run.offset.saturating_add(first.saturating_mul(run.stride)),
                    block_count: last - first,
                    ..run
                });
            }
            position = position.saturating_add(per_block.saturating_mul(run.block_count));
        }
    }
}

impl Layout {
    /// The same bytes read as another coding.
    pub(crate) fn recode(&mut self, named: crate::NamedCoding) {
        if self.q_channel.is_some_and(|channel| channel >= u64::from(self.channels)) {
            return; // Planes of an array: their place depends on the coding.
        }
        let was_complex = self.q_channel.is_some();
        self.coding = named.coding;
        self.gain = 1.0;
        if named.complex && !was_complex {
            self.channels = self.channels.max(2);
            (self.i_channel, self.q_channel) = (0, Some(1));
        } else if !named.complex && was_complex {
            self.q_channel = None;
            if self.channels == 2 {
                self.channels = 1;
            }
        }
    }
}
