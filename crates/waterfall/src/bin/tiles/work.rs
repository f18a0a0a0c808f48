//! One request after the other.

use std::collections::HashMap;

use heimdall_blob::BlobSource;
use heimdall_recording::Recording;
use heimdall_waterfall::{Computer, Request};
use num_complex::Complex32;
use wasm_bindgen::{JsCast, JsValue};

/// What goes beside an answer.
pub(crate) enum Numbers {
    Levels(Vec<i16>),
    /// Real and imaginary parts in turn.
    Samples(Vec<f32>),
}

#[derive(Default)]
pub(crate) struct Work {
    recordings: HashMap<u32, (Recording, BlobSource)>,
    computer: Computer,
}

impl Work {
    /// `None` where nothing is to be answered.
    pub(crate) fn perform(&mut self, request: Request, file: JsValue) -> Result<Option<Numbers>, String> {
        match request {
            Request::Open { lane, recording } => {
                let file = file.dyn_into().map_err(|_| format!("The file of {} did not arrive", recording.name))?;
                self.recordings.insert(lane, (*recording, BlobSource::new(file)?));
                Ok(None)
            }
            Request::Piece(piece) => {
                let (recording, source) = self.recordings.get(&piece.tile.lane).ok_or("The recording has gone")?;
                let levels = self.computer.levels(recording, source, &piece).map_err(|error| error.to_string())?;
                Ok(Some(Numbers::Levels(levels)))
            }
            Request::Samples { lane, first, count } => {
                let (recording, source) = self.recordings.get(&lane).ok_or("The recording has gone")?;
                let mut samples = vec![Complex32::ZERO; count as usize];
                let read =
                    recording.samples(source).read(first, &mut samples).map_err(|error| error.to_string())?.samples;
                samples.truncate(read);
                Ok(Some(Numbers::Samples(samples.iter().flat_map(|sample| [sample.re, sample.im]).collect())))
            }
        }
    }
}
