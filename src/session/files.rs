//! Files coming in and going out.

use std::collections::HashMap;

use heimdall_recording::{Origin, TypedFacts};

use super::jobs::Job;
use super::{Effect, Entry, FileId, Group, GroupId, GroupState, Lane, NewsKind, PartRefusal, Session};
use crate::protocol::{Opened, Request};

impl Session {
    pub(super) fn add_files(&mut self, files: Vec<(FileId, String)>, effects: &mut Vec<Effect>) {
        let names: Vec<String> = files.iter().map(|(_, name)| name.clone()).collect();
        for members in heimdall_recording::group(&names) {
            let files: Vec<_> = members.into_iter().filter_map(|member| files.get(member).cloned()).collect();
            let id = self.fresh_id();
            let typed = TypedFacts::default();
            let (state, notices) = (GroupState::Opening, Vec::new());
            self.groups.push(Group { id, files, typed, state, notices, collection: None });
            self.open(id, effects);
        }
        self.changed();
    }

    /// Asks for a group's contents.
    pub(super) fn open(&mut self, id: GroupId, effects: &mut Vec<Effect>) {
        let Some(group) = self.groups.iter_mut().find(|group| group.id == id) else { return };
        group.state = GroupState::Opening;
        let (files, names) = group.files.iter().cloned().unzip();
        let request = Request::Open { names, typed: group.typed.clone() };
        self.submit(Job::Open(id), Lane::Recordings, request, files, effects);
    }

    /// Opens a group again with the user's answers.
    pub(super) fn reopen(&mut self, id: GroupId, typed: TypedFacts, effects: &mut Vec<Effect>) {
        self.empty_group(id, effects);
        if let Some(group) = self.groups.iter_mut().find(|group| group.id == id) {
            group.typed = typed;
            self.open(id, effects);
        }
        self.changed();
    }

    /// Opens a recording's group again with I and Q of this recording the other way round.
    pub(super) fn exchange(&mut self, recording: &str, effects: &mut Vec<Effect>) {
        let Some(entry) = self.entries.iter().find(|entry| entry.scene.id == recording) else { return };
        let (id, place) = (entry.group, entry.place);
        let Some(group) = self.groups.iter().find(|group| group.id == id) else { return };
        let mut typed = group.typed.clone();
        match typed.exchanged.iter().position(|other| *other == place) {
            Some(at) => _ = typed.exchanged.remove(at),
            None => typed.exchanged.push(place),
        }
        self.reopen(id, typed, effects);
    }

    pub(super) fn dismiss(&mut self, id: GroupId, effects: &mut Vec<Effect>) {
        self.empty_group(id, effects);
        self.groups.retain(|group| group.id != id);
        self.changed();
    }

    pub(super) fn clear(&mut self, effects: &mut Vec<Effect>) {
        self.cancel(effects);
        let mut places = std::mem::take(&mut self.places);
        // What was placed for the old scene is from now on a memory, which a dropped table may correct.
        places.values_mut().for_each(|place| place.origin = Origin::Remembered);
        let (next_id, generation) = (self.next_id, self.generation + 1);
        let (models, card) = (self.models.take(), self.card.take());
        let (news, preferences) = (std::mem::take(&mut self.news), self.preferences);
        *self = Self { places, next_id, generation, models, card, news, preferences, ..Self::default() };
    }

    /// Takes away what came out of a group, and the work on it.
    fn empty_group(&mut self, id: GroupId, effects: &mut Vec<Effect>) {
        let gone: Vec<String> =
            self.entries.iter().filter(|entry| entry.group == id).map(|entry| entry.scene.id.clone()).collect();
        let unwanted = |job: &Job| match job {
            Job::Open(group) => *group == id,
            Job::Extract { id, .. } | Job::Listen { id, .. } => gone.contains(id),
            _ => false,
        };
        self.abort(unwanted, effects);
        self.held.retain(|id, _| !gone.contains(id));
        self.listened.retain(|id, _| !gone.contains(id));
        self.entries.retain(|entry| entry.group != id);
        self.part_refusals.retain(|refusal| refusal.group != id);
        self.receivers.retain(|(group, _)| *group != id);
        self.reports.retain(|(group, _)| *group != id);
    }

    pub(super) fn take_contents(&mut self, id: GroupId, contents: Vec<Opened>, effects: &mut Vec<Effect>) {
        let Some(group) = self.groups.iter().find(|group| group.id == id) else { return };
        let files: Vec<FileId> = group.files.iter().map(|(file, _)| *file).collect();
        let (mut notices, mut collection, mut place) = (Vec::new(), None, 0);
        for content in contents {
            match content {
                Opened::Recording { file, recording } => {
                    let Some(file) = files.get(file).copied() else { continue };
                    let mut scene = *recording;
                    scene.id = self.unique_id(&scene.recording.name);
                    // Reports name recordings by this.
                    scene.recording.name.clone_from(&scene.id);
                    self.entries.push(Entry { group: id, file, place, scene, failed: None });
                    place += 1;
                }
                Opened::Receivers(rows) => {
                    self.remember_rows(&rows, effects);
                    self.receivers.extend(rows.into_iter().map(|row| (id, row)));
                }
                Opened::Reports(rows) => self.reports.extend(rows.into_iter().map(|row| (id, row))),
                Opened::Refused(refusal) => {
                    self.note(NewsKind::Refusal, refusal.reason.clone());
                    self.part_refusals.push(PartRefusal { group: id, name: refusal.name, reason: refusal.reason });
                    // Recordings that could be opened and not read were counted; what could not be opened comes last.
                    place += 1;
                }
                Opened::Collection(mut list) => {
                    list.saved.take().into_iter().for_each(|saved| self.take_saved(saved, effects));
                    collection = Some(list);
                }
                Opened::Notice(sentence) => notices.push(sentence),
            }
        }
        // Whichever worker is first, the order is that of the drop.
        let order: HashMap<GroupId, usize> =
            self.groups.iter().enumerate().map(|(place, group)| (group.id, place)).collect();
        self.entries.sort_by_key(|entry| order.get(&entry.group).copied());
        if let Some(group) = self.groups.iter_mut().find(|group| group.id == id) {
            group.state = GroupState::Open;
            group.notices = notices;
            group.collection = collection;
        }
        self.show_sums();
        self.changed();
    }

    /// The name, or the name with a number where it is taken.
    fn unique_id(&self, name: &str) -> String {
        let taken = |id: &str| self.entries.iter().any(|entry| entry.scene.id == id);
        let numbered = (2_u32..).map(|number| format!("{name} ({number})"));
        std::iter::once(name.to_owned()).chain(numbered).find(|id| !taken(id)).unwrap_or_default()
    }

    /// Positions of a dropped table replace what was remembered, so that a newer table is believed.
    fn remember_rows(&mut self, rows: &[heimdall_recording::ReceiverRow], effects: &mut Vec<Effect>) {
        for row in rows {
            let placed = self.places.get(&row.name).is_some_and(|place| place.origin != Origin::Remembered);
            if !placed {
                let place = super::Place { position: row.position, origin: Origin::Remembered };
                self.places.insert(row.name.clone(), place);
            }
        }
        self.write_places(effects);
    }
}
