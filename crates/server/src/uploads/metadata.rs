//! `Upload-Metadata`: pairs of a key and a value in Base64, separated by commas.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::digest::is_sha256;
use crate::problem::{Outcome, Problem};

/// Longest name of a file, bytes.
const NAME_BYTES: usize = 255;

/// What a client says of its file: `filename`, perhaps `sha256` (64 hexadecimal digits) and `sample_format` (`cs16`,
/// …, for samples without a header), and what else it likes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// Reads and checks the header.
    pub(crate) fn parse(header: &str) -> Outcome<Self> {
        let mut pairs = BTreeMap::new();
        for pair in header.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (key, coded) = pair.split_once(' ').unwrap_or((pair, ""));
            let value = STANDARD.decode(coded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let Some(value) = value else {
                let detail =
                    format!("The value of \"{key}\" in Upload-Metadata is no UTF-8 text in Base64; encode it so");
                return Err(Problem::bad_request(detail));
            };
            pairs.insert(key.to_owned(), value);
        }
        Self(pairs).checked()
    }

    fn checked(mut self) -> Outcome<Self> {
        let name = self.0.get("filename").map(String::as_str).unwrap_or_default();
        // Some browsers and archives give folders before it.
        let base = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        if base.is_empty() || base.len() > NAME_BYTES || base.chars().any(char::is_control) {
            let detail = "Upload-Metadata has no usable \"filename\"; send the file's name, which says what it is, in \
                          Base64, as in: filename ZGNmNzcud2F2";
            return Err(Problem::bad_request(detail));
        }
        self.0.insert("filename".into(), base);
        if let Some(sha256) = self.0.get_mut("sha256") {
            sha256.make_ascii_lowercase();
            if !is_sha256(sha256) {
                let detail = "The \"sha256\" in Upload-Metadata is not one; send the 64 hexadecimal digits in Base64, or leave it out";
                return Err(Problem::bad_request(detail));
            }
        }
        Ok(self)
    }

    /// As the header has it.
    pub(crate) fn header(&self) -> String {
        let pairs = self.0.iter().map(|(key, value)| format!("{key} {}", STANDARD.encode(value)));
        pairs.collect::<Vec<_>>().join(",")
    }

    /// A value.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// All pairs.
    pub(crate) fn pairs(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_kept_and_folders_are_not() {
        let metadata = Metadata::parse("filename Li4vYS93MS53YXY=,note ,frequency Nzc1MDA=").unwrap();
        assert_eq!(metadata.get("filename"), Some("w1.wav"));
        assert_eq!(metadata.get("note"), Some(""));
        assert_eq!(metadata.get("frequency"), Some("77500"));
        assert_eq!(Metadata::parse(&metadata.header()).unwrap(), metadata);
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        // No name, a folder, not Base64, a digest that is none.
        for header in ["", "filename ", "filename Li4vYS8=", "filename ***", "filename YQ==,sha256 YWJj"] {
            assert!(Metadata::parse(header).is_err(), "{header}");
        }
    }
}
