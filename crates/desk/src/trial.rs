//! Trying versions on the scene in the page: the list that lets the page use another one, and what each of them said.

use std::collections::BTreeMap;

use heimdall_localize::Geodesy;
use heimdall_model::ModelIndex;
use heimdall_page::session::Lent;
use heimdall_recording::Position;

/// Text of the list of models with `version` in use in `folder`; `None` where the list has no such version.
pub fn list_with(index: &ModelIndex, folder: &str, version: &str) -> Option<String> {
    let mut index = index.clone();
    let entry = index.constellations.iter_mut().find(|entry| entry.folder == folder)?;
    entry.promoted = Some(entry.versions.iter().find(|listed| *listed == version)?.clone());
    serde_json::to_string(&index).ok()
}

/// The fix that a version took part in.
#[derive(Clone, Debug, PartialEq)]
pub struct Fixed {
    /// Its mean.
    pub mean: Position,
    /// Area of its 95 % region.
    pub area_95_km2: Option<f64>,
}

/// A version on the scene.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// Which.
    pub version: String,
    /// The fix, or a sentence why it took no part in one.
    pub outcome: Result<Fixed, String>,
}

/// What versions said of one scene, in the order in which they were tried.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    generation: u64,
    rows: Vec<Tried>,
    /// How long a run of each version took, on whichever scene was last; a matter of the browser, not of the scene.
    run_s: BTreeMap<String, f64>,
}

impl Comparison {
    /// Takes what the page knows now; `used` is the version that it uses. Another scene begins another comparison.
    pub fn take(&mut self, lent: &Lent, used: Option<&str>) {
        if lent.generation != self.generation {
            (self.generation, self.rows) = (lent.generation, Vec::new());
        }
        let (Some(fix), Some(network)) = (&lent.fix, &lent.network) else { return };
        // One that could not be fetched has told nobody its name.
        let Some(version) = network.name.as_ref().map(|name| name.version.as_str()).or(used) else { return };
        let area_95 = fix.regions.iter().find(|region| region.probability > 0.9);
        let outcome = match fix.mean.filter(|_| network.spoke) {
            None => Err(network.sentence.clone()),
            Some(mean) => Ok(Fixed { mean, area_95_km2: area_95.map(|region| region.area_km2) }),
        };
        if let Some(run_s) = network.run_s {
            // A version that runs first in a page has the browser's compiling in its time, and less when tried again.
            let fastest = self.run_s.entry(version.to_owned()).or_insert(run_s);
            *fastest = fastest.min(run_s);
        }
        let tried = Tried { version: version.to_owned(), outcome };
        match self.rows.iter_mut().find(|row| row.version == tried.version) {
            Some(row) => *row = tried,
            None => self.rows.push(tried),
        }
    }

    /// The versions tried.
    pub fn rows(&self) -> &[Tried] {
        &self.rows
    }

    /// What a version said, if it was tried.
    pub fn of(&self, version: &str) -> Option<&Tried> {
        self.rows.iter().find(|row| row.version == version)
    }

    /// Time of a version's fastest run in this browser, seconds, once it has run.
    pub fn run_s(&self, version: &str) -> Option<f64> {
        self.run_s.get(version).copied()
    }

    /// From the first version's fix to that of another, metres.
    pub fn distance_m(&self, row: &Tried) -> Option<f64> {
        let first = self.rows.iter().find_map(|row| row.outcome.as_ref().ok())?;
        let fixed = row.outcome.as_ref().ok().filter(|fixed| *fixed != first)?;
        Some(Geodesy::default().distance_m(first.mean, fixed.mean))
    }
}

#[cfg(test)]
mod tests {
    use heimdall_localize::{Fix, MultiPolygon, Region, Verdict};
    use heimdall_model::{Constellation, Site};
    use heimdall_pipeline::network::{NetworkName, NetworkReport};

    use super::*;

    fn at(latitude_deg: f64) -> Position {
        Position { latitude_deg, longitude_deg: 8.0 }
    }

    fn lent(generation: u64, version: &str, latitude_deg: f64) -> Lent {
        let nowhere = MultiPolygon { kind: "MultiPolygon".into(), coordinates: Vec::new() };
        let region = |probability, area_km2| Region { probability, area_km2, geometry: nowhere.clone() };
        let fix = Fix {
            verdict: Verdict::Located,
            sentence: String::new(),
            reasons: Vec::new(),
            warnings: Vec::new(),
            mode: None,
            mean: Some(at(latitude_deg)),
            regions: vec![region(0.5, 1.0), region(0.95, 9.0)],
            ellipse_95: None,
            modes: Vec::new(),
            bound_95: None,
            experts: Vec::new(),
            searched_radius_m: 1e5,
            searched_center: None,
        };
        let network = NetworkReport {
            name: Some(NetworkName { model: "localizer".into(), version: version.into() }),
            spoke: true,
            sentence: String::new(),
            mean: None,
            sigma_m: None,
            run_s: Some(0.008),
        };
        Lent { generation, recordings: Vec::new(), plan: None, fix: Some(fix), network: Some(network) }
    }

    #[test]
    fn two_versions_stand_side_by_side_with_the_distance_between_them() {
        let mut comparison = Comparison::default();
        comparison.take(&lent(3, "v1.0.0", 45.0), Some("v1.0.0"));
        // The older answer once more, while the newer network is fetched.
        comparison.take(&lent(3, "v1.0.0", 45.0), Some("v1.1.0"));
        comparison.take(&lent(3, "v1.1.0", 45.01), Some("v1.1.0"));
        let [first, second] = comparison.rows() else { panic!("{comparison:?}") };
        assert_eq!((comparison.distance_m(first), second.version.as_str()), (None, "v1.1.0"));
        // A hundredth of a degree of latitude at 45° on WGS84: 1111.3 m.
        assert!((comparison.distance_m(second).unwrap() - 1111.3).abs() < 0.1);
        assert_eq!(second.outcome.as_ref().unwrap().area_95_km2, Some(9.0));
    }

    #[test]
    fn another_scene_is_compared_anew_and_silence_has_its_reason() {
        let mut comparison = Comparison::default();
        comparison.take(&lent(3, "v1.0.0", 45.0), Some("v1.0.0"));
        comparison.take(&Lent { fix: None, ..lent(4, "v1.0.0", 45.0) }, Some("v1.0.0"));
        assert!(comparison.rows().is_empty());
        assert_eq!(comparison.run_s("v1.0.0"), Some(0.008), "the browser is still the same");
        let mut silent = lent(4, "v1.1.0", 45.0);
        let network = silent.network.as_mut().unwrap();
        (network.name, network.spoke, network.sentence) = (None, false, "It could not be fetched.".into());
        comparison.take(&silent, Some("v1.1.0"));
        assert_eq!(comparison.of("v1.1.0").unwrap().outcome, Err("It could not be fetched.".to_owned()));
    }

    #[test]
    fn the_list_for_the_page_has_the_tried_version_in_use() {
        let site = |name: &str, latitude_deg| Site { name: name.into(), position: at(latitude_deg) };
        let two = Constellation::new("two".into(), vec![site("a", 45.0), site("b", 46.0)]).unwrap();
        let mut index = ModelIndex::default();
        index.add(&two, "v1.0.0");
        index.add(&two, "v1.1.0");
        let list = list_with(&index, "two", "v1.1.0").unwrap();
        let read = ModelIndex::parse(list.as_bytes()).unwrap();
        assert_eq!(read.find(&[at(45.0), at(46.0)], 10.0).unwrap().folder, "two/v1.1.0");
        assert_eq!(list_with(&index, "two", "v9.0.0"), None);
        assert_eq!(list_with(&index, "three", "v1.0.0"), None);
    }
}
