//! The whole session as one file, and back.

use heimdall_recording::{Origin, SavedPlace, SavedSession};

use super::jobs::Job;
use super::{Effect, FileId, Group, GroupState, Lane, NewsKind, Part, Place, Session};
use crate::protocol::Request;

impl Session {
    /// Has an archive of all files made, with settings and answers.
    pub(super) fn save(&mut self, effects: &mut Vec<Effect>) {
        let groups: Vec<&Group> = self.saved_groups().collect();
        if groups.is_empty() || self.jobs.values().any(|job| matches!(job, Job::Pack(_))) {
            return;
        }
        let files: Vec<FileId> = groups.iter().flat_map(|group| &group.files).map(|(file, _)| *file).collect();
        let names: Vec<(usize, String)> = (1..)
            .zip(&groups)
            .flat_map(|(number, group)| group.files.iter().map(move |(_, name)| (number, name.clone())))
            .collect();
        // Files of one name came from different folders: each group gets one of its own.
        let mut plain: Vec<String> = names.iter().map(|(_, name)| name.to_ascii_lowercase()).collect();
        plain.sort();
        let distinct = plain.windows(2).all(|pair| pair.first() != pair.last());
        let named = |(number, name): &(usize, String)| if distinct { name.clone() } else { format!("{number}/{name}") };
        let typed = (1..).zip(&groups).filter_map(|(number, group)| {
            let (_, first) = group.files.first()?;
            (group.typed != Default::default()).then(|| (named(&(number, first.clone())), group.typed.clone()))
        });
        let saved = SavedSession {
            settings: serde_json::to_string(&self.settings).unwrap_or_default(),
            places: self.saved_places(),
            ..SavedSession::default()
        };
        let typed = typed.collect();
        let request = Request::Pack { names: names.iter().map(named).collect(), saved: Box::new(saved), typed };
        self.submit(Job::Pack(files.clone()), Lane::Recordings, request, files, effects);
    }

    /// Open groups but for collections, which are written anew.
    fn saved_groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| {
            let is_collection =
                group.files.iter().all(|(_, name)| name.to_ascii_lowercase().ends_with(".sigmf-collection"));
            group.state == GroupState::Open && !is_collection
        })
    }

    /// Places of the scene's receivers; those of others are nobody's business.
    fn saved_places(&self) -> Vec<(String, SavedPlace)> {
        let receivers = self.report.iter().flat_map(|report| &report.receivers);
        let known = receivers.filter_map(|receiver| {
            let Place { position, origin } = *self.places.get(&receiver.name)?;
            Some((receiver.name.clone(), SavedPlace { position, origin }))
        });
        known.collect()
    }

    /// The archive is ready to be written.
    pub(super) fn take_pieces(&mut self, files: &[FileId], pieces: Vec<Vec<u8>>, effects: &mut Vec<Effect>) {
        let mut parts = Vec::with_capacity(2 * pieces.len());
        let mut files = files.iter();
        for piece in pieces {
            parts.push(Part::Bytes(piece));
            parts.extend(files.next().map(|file| Part::File(*file)));
        }
        let all_sigmf = self.saved_groups().flat_map(|group| &group.files).all(|(_, name)| {
            let name = name.to_ascii_lowercase();
            name.ends_with(".sigmf-meta") || name.ends_with(".sigmf-data") || name.ends_with(".sigmf")
        });
        let name = format!("heimdall-session.{}", if all_sigmf { "sigmf" } else { "tar" });
        self.note(NewsKind::Done, format!("{name} was saved. Drop it to go on where you are."));
        effects.push(Effect::Download { name, media_type: "application/x-tar", parts });
    }

    /// Takes over what a collection was saved with.
    pub(super) fn take_saved(&mut self, saved: SavedSession, effects: &mut Vec<Effect>) {
        let before = self.choices();
        match serde_json::from_str(&saved.settings) {
            Ok(settings) => {
                self.settings = settings;
                self.note(NewsKind::Done, "Settings and places of the session file are in force.");
            }
            Err(error) => self.note(
                NewsKind::Failure,
                format!("The session file's settings cannot be read ({error}); its recordings can be used."),
            ),
        }
        for (name, SavedPlace { position, origin }) in saved.places {
            let theirs = self.places.get(&name).is_some_and(|place| place.origin != Origin::Remembered);
            if !theirs {
                self.places.insert(name, Place { position, origin });
            }
        }
        self.write_places(effects);
        self.keep(before);
    }
}
