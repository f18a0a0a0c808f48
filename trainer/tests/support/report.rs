//! The report as a reader of its JSON sees it: no type of the program's own is used here.

use serde_json::Value;

/// The JSON report of `heimdall locate`.
pub struct Report(pub Value);

impl Report {
    /// Takes a report; the fields that the issue promises are there.
    pub fn new(json: Value) -> Self {
        let fix = &json["fix"];
        let verdict = fix["verdict"].as_str().unwrap_or_default();
        assert!(["located", "region", "not_locatable"].contains(&verdict), "verdict {}", fix["verdict"]);
        for list in [&fix["reasons"], &fix["regions"], &json["receivers"], &json["recordings"], &json["pairs"]] {
            assert!(list.is_array(), "a list is missing: {json:#}");
        }
        for name in ["mode", "mean", "ellipse_95"] {
            assert!(fix.get(name).is_some(), "fix.{name} is missing");
        }
        Self(json)
    }

    pub fn verdict(&self) -> &str {
        self.0["fix"]["verdict"].as_str().unwrap()
    }

    /// Latitude and longitude of the mean.
    pub fn mean(&self) -> [f64; 2] {
        place(&self.0["fix"]["mean"]).unwrap_or_else(|| panic!("no mean: {}", self.0["fix"]))
    }

    pub fn list(&self, name: &str) -> &[Value] {
        self.0[name].as_array().unwrap()
    }

    /// The region of this probability.
    pub fn region(&self, probability: f64) -> &Value {
        let regions = self.0["fix"]["regions"].as_array().unwrap();
        let found = regions.iter().find(|region| region["probability"] == probability);
        found.unwrap_or_else(|| panic!("no {probability} region"))
    }

    /// The entry of a list with this name.
    pub fn named(&self, list: &str, name: &str) -> &Value {
        let found = self.list(list).iter().find(|entry| entry["name"] == name);
        found.unwrap_or_else(|| panic!("{list} has no {name}: {:#}", self.0[list]))
    }

    /// Every sentence of the report, each after the name of what it is about.
    pub fn sentences(&self) -> Vec<String> {
        let fix = &self.0["fix"];
        let texts = |value: &Value| strings(value).into_iter().map(|text| format!(": {text}")).collect::<Vec<_>>();
        let mut sentences = [texts(&fix["reasons"]), texts(&fix["warnings"])].concat();
        for (list, fields) in [
            ("refused", ["reason"].as_slice()),
            ("receivers", &["why_not"]),
            ("recordings", &["time_reason", "notices"]),
        ] {
            for entry in self.list(list) {
                let name = entry["name"].as_str().unwrap();
                let said = fields.iter().flat_map(|field| strings(&entry[*field]));
                sentences.extend(said.map(|sentence| format!("{name}: {sentence}")));
            }
        }
        sentences
    }

    /// One sentence names this file or station together with one of the words.
    pub fn says(&self, name: &str, words: &[&str]) {
        let lower: Vec<String> = self.sentences().iter().map(|sentence| sentence.to_lowercase()).collect();
        let of = |sentence: &&String| sentence.contains(&name.to_lowercase());
        let found = lower.iter().filter(of).any(|sentence| words.iter().any(|word| sentence.contains(word)));
        assert!(found, "nothing says {words:?} of {name}:\n{}", self.sentences().join("\n"));
    }

    /// The same answer as another report's, to the last digit printed.
    pub fn same_fix_as(&self, other: &Self) {
        assert_eq!(self.verdict(), other.verdict());
        for field in ["mode", "mean"] {
            let of = |report: &Self| place(&report.0["fix"][field]);
            assert_eq!(of(self), of(other), "{field} moved");
        }
        assert_eq!(self.region(0.95)["area_km2"], other.region(0.95)["area_km2"]);
    }
}

/// The text or texts of a field.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// Latitude and longitude of `{lat, lon}`.
pub fn place(value: &Value) -> Option<[f64; 2]> {
    Some([value["lat"].as_f64()?, value["lon"].as_f64()?])
}
