//! Receivers of a constellation as trainings take them.

use heimdall_catalogue::{Constellation, Receiver};

/// A table of receivers, and what they are called together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stations {
    /// Letters, digits and '-': it names the folder of their models.
    pub name: String,
    /// `receiver,lat,lon`, a row each, in the order of the network's planes.
    pub table: String,
}

impl Stations {
    /// Those of a constellation, whose `receivers` are in its order.
    ///
    /// # Errors
    /// Where a name cannot be written.
    pub fn of(constellation: &Constellation, receivers: &[Receiver]) -> Result<Self, csv::Error> {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(["receiver", "lat", "lon"])?;
        for Receiver { draft, .. } in receivers {
            let [lat, lon] = [draft.place.latitude_deg, draft.place.longitude_deg].map(|degrees| degrees.to_string());
            table.write_record([&draft.name, &lat, &lon])?;
        }
        let bytes = table.into_inner().map_err(csv::IntoInnerError::into_error)?;
        Ok(Self { name: plain(&constellation.draft.name), table: String::from_utf8_lossy(&bytes).into_owned() })
    }
}

/// A name as part of addresses and paths: what is no letter or digit of ASCII becomes one '-'.
fn plain(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if joined.is_empty() { "constellation".to_owned() } else { joined.chars().take(80).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_constellations_become_names_of_folders() {
        assert_eq!(plain("North-western Italy, 2 m"), "north-western-italy-2-m");
        assert_eq!(plain("../Ö"), "constellation");
    }
}
