//! Everything that can be done, in one table: it feeds the keyboard, the list of commands and the help.

use heimdall_pipeline::export::ExportFormat;

use crate::preferences::{Language, Notation, Theme, Units};
use crate::session::Session;

/// Something that can be done.
#[derive(Clone, Copy)]
pub struct Command {
    /// What it is called.
    pub name: &'static str,
    /// What it does, where the name does not say it.
    pub does: &'static str,
    /// Keys that do it.
    pub keys: &'static [Key],
    /// What the page is to do.
    pub action: Action,
    available: fn(&Session) -> bool,
}

/// A key with what is held beside it. Where a keyboard has a command key, that is as good as control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Held with control.
    pub control: bool,
    /// Held with shift. Of a sign that needs shift, such as "?", nothing is said.
    pub shift: bool,
    /// As browsers name it, letters in lower case.
    pub name: &'static str,
}

/// What the page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Show the list of commands.
    Commands,
    /// Choose files.
    Open,
    /// Load the sample.
    Sample,
    /// Forget all files.
    Clear,
    /// Take the last choice back.
    Undo,
    /// Take up again what was undone.
    Redo,
    /// Stop all work.
    Cancel,
    /// Take the work up again.
    Resume,
    /// Show the answer close up.
    CloseUp,
    /// Open the waterfall.
    Look,
    /// Show what happened.
    News,
    /// Let this evidence alone speak, or all.
    Evidence(Option<&'static str>),
    /// Choose colours.
    Theme(Theme),
    /// See [`Language`].
    Language(Language),
    /// Choose units.
    Units(Units),
    /// Choose how positions are written.
    Notation(Notation),
    /// Save the answer.
    Export(ExportFormat),
    /// Save everything as one file.
    SaveSession,
    /// Print the answer, with the map and the pairs.
    Print,
}

/// Kinds of evidence by the experts that weigh them, as [`heimdall_pipeline::Settings::experts_off`] names them.
pub const EXPERTS: [(&str, &str); 4] =
    [("tdoa", "time differences"), ("level", "levels"), ("bearing", "bearings"), ("neural", "the network")];

const fn control(name: &'static str) -> Key {
    Key { control: true, shift: false, name }
}

const fn plain(name: &'static str) -> Key {
    Key { control: false, shift: false, name }
}

const fn command(
    name: &'static str,
    does: &'static str,
    keys: &'static [Key],
    action: Action,
    available: fn(&Session) -> bool,
) -> Command {
    Command { name, does, keys, action, available }
}

const ALWAYS: fn(&Session) -> bool = |_| true;
const FILLED: fn(&Session) -> bool = |session| !session.is_empty();
const ANSWERED: fn(&Session) -> bool = |session| session.report.is_some();

/// All commands, those for every day first.
pub const COMMANDS: &[Command] = &[
    command("Open files", "Recordings and tables; dropping them works too", &[control("o")], Action::Open, ALWAYS),
    command("Try the sample", "Five simulated receivers", &[], Action::Sample, ALWAYS),
    command("Undo", "Receivers, their places, band, time, settings", &[control("z")], Action::Undo, Session::can_undo),
    command(
        "Redo",
        "What was undone",
        &[Key { control: true, shift: true, name: "z" }, control("y")],
        Action::Redo,
        Session::can_redo,
    ),
    command("All commands", "This list", &[control("k"), plain("?")], Action::Commands, ALWAYS),
    command("Zoom to the answer", "On the map", &[], Action::CloseUp, ANSWERED),
    command("Look at the recordings", "Waterfall of the first one", &[], Action::Look, |session| {
        !session.entries.is_empty()
    }),
    command("What happened", "Answers, refusals and errors so far", &[], Action::News, ALWAYS),
    command("Stop", "All work under way", &[], Action::Cancel, |session| session.activity().is_some()),
    command("Go on", "With what was stopped", &[], Action::Resume, |session| session.paused && !session.is_empty()),
    command("Start anew", "Without these files", &[], Action::Clear, FILLED),
    command("All evidence", "Every expert speaks", &[], Action::Evidence(None), ANSWERED),
    command("Time differences alone", "What they say by themselves", &[], Action::Evidence(Some("tdoa")), ANSWERED),
    command("Levels alone", "What they say by themselves", &[], Action::Evidence(Some("level")), ANSWERED),
    command("Bearings alone", "What they say by themselves", &[], Action::Evidence(Some("bearing")), ANSWERED),
    command("The network alone", "What it says by itself", &[], Action::Evidence(Some("neural")), ANSWERED),
    command(
        "Save the session",
        "Recordings, settings and places as one file",
        &[control("s")],
        Action::SaveSession,
        FILLED,
    ),
    command("Print or save as PDF", "Answer, map as lines, pairs", &[], Action::Print, ANSWERED),
    export("Save as GeoJSON", "For map programs", ExportFormat::Geojson),
    export("Save as KML", "For Google Earth", ExportFormat::Kml),
    export("Save as GPX", "For hand-held receivers", ExportFormat::Gpx),
    export("Save as CoT", "Cursor on Target, for ATAK and the like", ExportFormat::Cot),
    export("Save as SVG", "A sheet for print: maps and correlations", ExportFormat::Svg),
    export("Save as CSV", "For spreadsheets", ExportFormat::Csv),
    export("Save the JSON report", "Every number", ExportFormat::Json),
    command("Colours as the system", "Also when it changes", &[], Action::Theme(Theme::System), ALWAYS),
    command("Light colours", "", &[], Action::Theme(Theme::Light), ALWAYS),
    command("Language of the browser", "", &[], Action::Language(Language::Browser), ALWAYS),
    command("English", "", &[], Action::Language(Language::English), ALWAYS),
    command("Italiano", "", &[], Action::Language(Language::Italian), ALWAYS),
    command("Dark colours", "", &[], Action::Theme(Theme::Dark), ALWAYS),
    command("Kilometres", "", &[], Action::Units(Units::Metric), ALWAYS),
    command("Miles", "", &[], Action::Units(Units::Imperial), ALWAYS),
    command("Positions in degrees", "51.46604° N", &[], Action::Notation(Notation::Degrees), ALWAYS),
    command("Positions in minutes and seconds", "51° 27′ 57.7″ N", &[], Action::Notation(Notation::Dms), ALWAYS),
    command("Positions as Maidenhead locator", "JO51xl", &[], Action::Notation(Notation::Maidenhead), ALWAYS),
    command("Positions as MGRS", "Military grid, to a metre", &[], Action::Notation(Notation::Mgrs), ALWAYS),
];

const fn export(name: &'static str, does: &'static str, format: ExportFormat) -> Command {
    command(name, does, &[], Action::Export(format), ANSWERED)
}

impl Command {
    /// True where it can be done now.
    pub fn is_available(&self, session: &Session) -> bool {
        (self.available)(session)
    }

    /// True where name or purpose hold every word, in English or as `says` shows them in another language.
    pub fn matches(&self, words: &str, says: impl Fn(&str) -> String) -> bool {
        let text = format!("{} {} {} {}", self.name, self.does, says(self.name), says(self.does)).to_ascii_lowercase();
        words.to_ascii_lowercase().split_whitespace().all(|word| text.contains(word))
    }

    /// Its keys for people: "Ctrl+Shift+Z, Ctrl+Y".
    pub fn keys_text(&self) -> String {
        let text = |key: &Key| {
            let held = [key.control.then_some("Ctrl+"), key.shift.then_some("Shift+")];
            format!("{}{}", held.into_iter().flatten().collect::<String>(), key.name.to_ascii_uppercase())
        };
        self.keys.iter().map(text).collect::<Vec<_>>().join(", ")
    }
}

/// The command of a pressed key, where it is available. While the user writes, only keys with control count, and not
/// those that a field of text has for itself.
pub fn pressed(name: &str, control: bool, shift: bool, writing: bool, session: &Session) -> Option<&'static Command> {
    let name = name.to_ascii_lowercase();
    let is_it = |key: &Key| {
        // A sign comes with whatever its keyboard needs for it.
        let shifted = key.shift == shift || !key.control;
        key.name == name && key.control == control && shifted
    };
    let theirs = |command: &&Command| writing && (!control || matches!(command.action, Action::Undo | Action::Redo));
    let found = COMMANDS.iter().find(|command| command.keys.iter().any(is_it))?;
    Some(found).filter(|command| !theirs(command) && command.is_available(session))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_does_one_thing_and_every_command_can_be_found() {
        let keys: Vec<Key> = COMMANDS.iter().flat_map(|command| command.keys).copied().collect();
        for (index, key) in keys.iter().enumerate() {
            assert!(!keys.iter().skip(index + 1).any(|other| other == key), "{key:?} twice");
        }
        let session = Session::default();
        for command in COMMANDS.iter().filter(|command| command.is_available(&session)) {
            for key in command.keys {
                let found = pressed(key.name, key.control, key.shift, false, &session);
                assert_eq!(found.map(|found| found.name), Some(command.name));
            }
        }
        for format in ExportFormat::ALL {
            assert!(COMMANDS.iter().any(|command| command.action == Action::Export(format)), "{format:?}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_not_done_by_its_key() {
        let session = Session::default();
        assert!(pressed("z", true, false, false, &session).is_none(), "there is nothing to undo");
        assert!(pressed("K", true, false, true, &session).is_some());
        assert!(pressed("?", false, true, false, &session).is_some());
        assert!(pressed("?", false, true, true, &session).is_none(), "a question is being written");
    }

    #[test]
    fn words_find_commands_in_any_order_and_case() {
        let found = |words: &str| COMMANDS.iter().filter(|command| command.matches(words, str::to_owned)).count();
        assert_eq!(found(""), COMMANDS.len());
        assert_eq!(found("mgrs POSITIONS"), 1);
        assert_eq!(found("no such thing"), 0);
    }

    #[test]
    fn keys_are_written_as_on_keyboards() {
        let of = |action| COMMANDS.iter().find(|command| command.action == action).unwrap().keys_text();
        assert_eq!(of(Action::Redo), "Ctrl+Shift+Z, Ctrl+Y");
        assert_eq!(of(Action::Commands), "Ctrl+K, ?");
    }
}
