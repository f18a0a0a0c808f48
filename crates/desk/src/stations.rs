//! Receivers of the scene that is open in the page, what was told of its recordings, and how long ago one was heard.

use std::collections::BTreeMap;

use heimdall_page::session::LentRecording;
use heimdall_recording::Position;

const MINUTE_S: f64 = 60.0;
const HOUR_S: f64 = 3600.0;
const DAY_S: f64 = 86_400.0;

/// A receiver of the scene.
#[derive(Clone, Debug, PartialEq)]
pub struct SceneStation {
    /// Its name in the page.
    pub name: String,
    /// Where it is, where that is known.
    pub position: Option<Position>,
}

/// Receivers of the scene's recordings, each once, in their order.
pub fn of_scene(recordings: &[LentRecording]) -> Vec<SceneStation> {
    let mut stations: Vec<SceneStation> = Vec::new();
    for lent in recordings {
        match stations.iter_mut().find(|known| known.name == lent.receiver) {
            Some(known) => known.position = known.position.or(lent.position()),
            None => stations.push(SceneStation { name: lent.receiver.clone(), position: lent.position() }),
        }
    }
    stations
}

/// Facts by the keys that the server takes them with.
pub type Told = BTreeMap<&'static str, String>;

/// What was told of the recordings and their files do not say, by the numbers of the files. Of a file with several, the
/// server could not tell which one is meant.
pub fn told(recordings: &[LentRecording]) -> Vec<(usize, Told)> {
    let alone = |lent: &&LentRecording| recordings.iter().filter(|other| other.file == lent.file).count() == 1;
    let facts = |lent: &LentRecording| {
        let Position { latitude_deg, longitude_deg } = lent.placed?;
        let mut told = Told::from([("position", format!("{latitude_deg}, {longitude_deg}"))]);
        if lent.recording.station.is_none() {
            told.insert("station", lent.receiver.clone());
        }
        Some((lent.file, told))
    };
    recordings.iter().filter(alone).filter_map(facts).collect()
}

/// "5 minutes ago"; the server's clock may be ahead of the browser's.
pub fn ago(seconds: f64) -> String {
    let units = [(DAY_S, "day"), (HOUR_S, "hour"), (MINUTE_S, "minute")];
    let Some((size, unit)) = units.into_iter().find(|(size, _)| seconds >= *size) else {
        return "less than a minute ago".to_owned();
    };
    let count = (seconds / size).floor();
    format!("{count} {unit}{} ago", if count < 2.0 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_said_in_its_largest_whole_unit() {
        let said = [-5.0, 59.9, 60.0, 7199.0, 7200.0, 86_399.0, 86_400.0, 1e8].map(ago);
        let expected = [
            "less than a minute ago",
            "less than a minute ago",
            "1 minute ago",
            "1 hour ago",
            "2 hours ago",
            "23 hours ago",
            "1 day ago",
            "1157 days ago",
        ];
        assert_eq!(said, expected);
    }
}
