//! Files to a scene.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use heimdall_pipeline::{Checksums, InputReport, Refusal, Scene, SceneRecording, Settings, checksums, survey};
use heimdall_recording::{ByteSource, Content, InputFile, TypedFacts, group};

use crate::disk::DiskFile;
use crate::facts::Typed;

/// A scene and the bytes behind each of its recordings.
pub(crate) struct Opened {
    pub(crate) scene: Scene,
    pub(crate) sources: Vec<Rc<dyn ByteSource>>,
    /// Every file that could be opened.
    used: Vec<InputFile>,
}

/// Opens all files; what cannot be read is refused by name and the rest goes on.
///
/// # Errors
/// Where facts are typed in for a file that is not there.
pub(crate) fn open(paths: &[PathBuf], settings: Settings, typed: &Typed) -> anyhow::Result<Opened> {
    let named: Vec<_> = paths.iter().map(|path| (file_name(path), path.clone())).collect();
    let facts = typed.by_file(&named.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>())?;
    Ok(open_named(&named, settings, &facts))
}

/// The same of files that have other names than their paths say, with facts by name.
pub(crate) fn open_named(
    named: &[(String, PathBuf)],
    settings: Settings,
    facts: &BTreeMap<String, TypedFacts>,
) -> Opened {
    let scene = Scene { settings, ..Scene::default() };
    let mut opened = Opened { scene, sources: Vec::new(), used: Vec::new() };
    let mut files = Vec::new();
    for (name, path) in named {
        match DiskFile::open(path) {
            Ok(file) => files.push(InputFile { name: name.clone(), source: Rc::new(file) }),
            Err(error) => opened.refuse(path.display().to_string(), format!("Could not be opened: {error}.")),
        }
    }
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    for members in group(&names) {
        let files: Vec<InputFile> = members.iter().filter_map(|index| files.get(*index).cloned()).collect();
        let typed = files.iter().find_map(|file| facts.get(&file.name)).cloned().unwrap_or_default();
        match heimdall_recording::open(&files, &typed) {
            Ok(contents) => {
                contents.into_iter().for_each(|content| opened.add(content, &files, &names));
                opened.used.extend(files);
            }
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

    fn add(&mut self, content: Content, files: &[InputFile], names: &[String]) {
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
            Content::Refused { name, error } => self.refuse(name, error.to_string()),
            Content::Collection(collection) => {
                collection.notice(names).into_iter().for_each(|notice| eprintln!("heimdall: {notice}"));
                self.scene.collections.push(collection);
            }
        }
    }

    /// Checksums of the files in use, all or only those that metadata states something of; says so where the bytes
    /// are not those that the metadata was written for.
    pub(crate) fn checksums(&mut self, all: bool) -> anyhow::Result<Vec<InputReport>> {
        let mut inputs = Vec::new();
        for file in &self.used {
            let of_file = |source: &Rc<dyn ByteSource>| Rc::ptr_eq(source, &file.source);
            let entries = self.scene.recordings.iter_mut().zip(&self.sources);
            let mut entries: Vec<_> = entries.filter(|(_, source)| of_file(source)).map(|(entry, _)| entry).collect();
            let stated: Vec<_> = entries.iter().filter_map(|entry| entry.recording.checksum.clone()).collect();
            if !all && stated.is_empty() {
                continue;
            }
            let sums: Checksums = checksums(file.source.as_ref(), &stated, &mut |_| ControlFlow::Continue(()))?;
            for entry in &mut entries {
                entry.sha256 = Some(sums.sha256.clone());
                if let Some(notice) = sums.notice(entry.recording.checksum.as_ref()) {
                    eprintln!("heimdall: {}: {notice}", entry.recording.name);
                    entry.recording.notices.push(notice);
                }
            }
            inputs.push(InputReport { name: file.name.clone(), sha256: Some(sums.sha256) });
        }
        Ok(inputs)
    }

    fn unique_id(&self, name: &str) -> String {
        let taken = |id: &str| self.scene.recordings.iter().any(|entry| entry.id == id);
        let numbered = |n: usize| if n == 1 { name.to_string() } else { format!("{name} ({n})") };
        (1..).map(numbered).find(|id| !taken(id)).unwrap_or_else(|| name.to_string())
    }
}
