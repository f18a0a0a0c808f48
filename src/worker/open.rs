//! Files to recordings and tables, with a first look at each recording.

use std::rc::Rc;

use heimdall_blob::BlobSource;
use heimdall_page::protocol::{Opened, Reply};
use heimdall_pipeline::{Refusal, SceneRecording};
use heimdall_recording::{ByteSource, Content, InputFile, Recording, TypedFacts};
use web_sys::File;

pub(crate) fn open(names: Vec<String>, files: Vec<File>, typed: &TypedFacts) -> Reply {
    match try_open(names, files, typed) {
        Ok(contents) => Reply::Opened(contents),
        Err(sentence) => Reply::Failed(sentence),
    }
}

fn try_open(names: Vec<String>, files: Vec<File>, typed: &TypedFacts) -> Result<Vec<Opened>, String> {
    let sources =
        files.into_iter().map(|file| BlobSource::new(file).map(|source| Rc::new(source) as Rc<dyn ByteSource>));
    let sources = sources.collect::<Result<Vec<_>, _>>()?;
    let inputs: Vec<InputFile> =
        names.into_iter().zip(&sources).map(|(name, source)| InputFile { name, source: Rc::clone(source) }).collect();
    let contents = heimdall_recording::open(&inputs, typed).map_err(|error| error.to_string())?;
    Ok(contents.into_iter().flat_map(|content| wire(content, &sources)).collect())
}

fn wire(content: Content, sources: &[Rc<dyn ByteSource>]) -> Vec<Opened> {
    match content {
        Content::Recording(recording) => vec![look(recording, sources)],
        Content::Receivers { rows, notices } => with_notices(Opened::Receivers(rows), notices),
        Content::Reports { rows, notices } => with_notices(Opened::Reports(rows), notices),
        Content::Collection(collection) => vec![Opened::Collection(collection)],
        Content::Refused { name, error } => vec![Opened::Refused(Refusal { name, reason: error.to_string() })],
    }
}

fn with_notices(opened: Opened, notices: Vec<String>) -> Vec<Opened> {
    std::iter::once(opened).chain(notices.into_iter().map(Opened::Notice)).collect()
}

/// A recording whose samples cannot be read is refused; the others of the group are kept.
fn look(recording: Recording, sources: &[Rc<dyn ByteSource>]) -> Opened {
    let file = recording.source_index;
    let name = recording.name.clone();
    let survey = sources.get(file).map(|source| heimdall_pipeline::survey(&recording, source.as_ref()));
    match survey {
        Some(Ok(survey)) => {
            let scene = SceneRecording { id: name, recording, survey, sha256: None };
            Opened::Recording { file, recording: Box::new(scene) }
        }
        Some(Err(error)) => Opened::Refused(Refusal { name, reason: error.to_string() }),
        None => Opened::Refused(Refusal { name, reason: "Its samples are in a file that was not dropped".to_owned() }),
    }
}
