//! Files to a scene.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use heimdall_pipeline::{Refusal, Scene, SceneRecording, Settings, survey};
use heimdall_recording::{ByteSource, Content, InputFile, TypedFacts, group};

use crate::disk::DiskFile;

/// A scene and the bytes behind each of its recordings.
pub(crate) struct Opened {
    pub(crate) scene: Scene,
    pub(crate) sources: Vec<Rc<dyn ByteSource>>,
}

/// Opens all files; what cannot be read is refused by name and the rest goes on.
pub(crate) fn open(paths: &[PathBuf], settings: Settings, typed: &TypedFacts) -> Opened {
    let mut opened = Opened { scene: Scene { settings, ..Scene::default() }, sources: Vec::new() };
    let mut files = Vec::new();
    for path in paths {
        match DiskFile::open(path) {
            Ok(file) => files.push(InputFile { name: file_name(path), source: Rc::new(file) }),
            Err(error) => opened.refuse(path.display().to_string(), format!("Could not be opened: {error}.")),
        }
    }
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    for members in group(&names) {
        let files: Vec<InputFile> = members.iter().filter_map(|index| files.get(*index).cloned()).collect();
        match heimdall_recording::open(&files, typed) {
            Ok(contents) => contents.into_iter().for_each(|content| opened.add(content, &files)),
            Err(error) => {
                let name = files.first().map_or_else(String::new, |file| file.name.clone());
                opened.refuse(name, error.to_string());
            }
        }
    }
    opened
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

impl Opened {
    fn refuse(&mut self, name: String, reason: String) {
        self.scene.refused.push(Refusal { name, reason });
    }

    fn add(&mut self, content: Content, files: &[InputFile]) {
        match content {
            Content::Recording(recording) => {
                let Some(file) = files.get(recording.source_index) else { return };
                match survey(&recording, file.source.as_ref()) {
                    Ok(survey) => {
                        let id = self.unique_id(&recording.name);
                        self.scene.recordings.push(SceneRecording { id, recording, survey, sha256: None });
                        self.sources.push(Rc::clone(&file.source));
                    }
                    Err(error) => self.refuse(recording.name, error.to_string()),
                }
            }
            Content::Receivers { rows, notices } => {
                self.scene.receivers.extend(rows);
                notices.into_iter().for_each(|notice| eprintln!("heimdall: {notice}"));
            }
            Content::Reports { rows, notices } => {
                self.scene.reports.extend(rows);
                notices.into_iter().for_each(|notice| eprintln!("heimdall: {notice}"));
            }
            // Its recordings are given beside it and speak for themselves.
            Content::Collection(_) => {}
        }
    }

    fn unique_id(&self, name: &str) -> String {
        let taken = |id: &str| self.scene.recordings.iter().any(|entry| entry.id == id);
        let numbered = |n: usize| if n == 1 { name.to_string() } else { format!("{name} ({n})") };
        (1..).map(numbered).find(|id| !taken(id)).unwrap_or_else(|| name.to_string())
    }
}
