//! Tables: surveyed receivers, and reports of levels and bearings.

use serde::{Deserialize, Serialize};

use crate::bytes::{Bytes, MAX_TEXT_BYTES};
use crate::time_text::rfc3339_ns;
use crate::{Content, Error, Position};

/// A receiver of a `receivers.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReceiverRow {
    /// The receiver's name, to be matched with [`crate::Recording::station`].
    pub name: String,
    /// Where it is.
    pub position: Position,
    /// Its levels are too high by this, dB against a value common to the table (`heimdall calibrate`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain_offset_db: Option<f64>,
    /// 1 σ of that, dB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain_sigma_db: Option<f64>,
}

/// A level and/or a bearing as reported by a receiver, by instrument or by hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportRow {
    /// The receiver's name.
    pub receiver: String,
    /// Where it was.
    pub position: Option<Position>,
    /// Where it was in local metres (east, north), where the table gives `x_m`, `y_m`.
    pub local_enu_m: Option<[f64; 2]>,
    /// Received power, dBm (or dB to any reference that all rows share).
    pub level_dbm: Option<f64>,
    /// Direction to the transmitter, degrees clockwise from true north, 0…360.
    pub bearing_deg: Option<f64>,
    /// 1 σ of the level, dB.
    pub level_sigma_db: Option<f64>,
    /// 1 σ of the bearing, degrees.
    pub bearing_sigma_deg: Option<f64>,
    /// Frequency of the emission.
    pub frequency_hz: Option<f64>,
    /// Time of the report, nanoseconds since 1970-01-01 UTC.
    pub time_unix_ns: Option<i64>,
}

/// Rows that are named in notices; more are only counted.
const MAX_NAMED_ROWS: usize = 10;

/// What a column carries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Receiver,
    Latitude,
    Longitude,
    X,
    Y,
    Level,
    Bearing,
    Sigma,
    LevelSigma,
    Gain,
    BearingSigma,
    Frequency,
    FrequencyKhz,
    FrequencyMhz,
    Time,
}

/// Names of columns, without case and blanks.
const COLUMNS: &[(&str, Column)] = &[
    ("receiver", Column::Receiver),
    ("station", Column::Receiver),
    ("name", Column::Receiver),
    ("id", Column::Receiver),
    ("lat", Column::Latitude),
    ("latitude", Column::Latitude),
    ("latitude_deg", Column::Latitude),
    ("lat_deg", Column::Latitude),
    ("lon", Column::Longitude),
    ("lng", Column::Longitude),
    ("long", Column::Longitude),
    ("longitude", Column::Longitude),
    ("longitude_deg", Column::Longitude),
    ("lon_deg", Column::Longitude),
    ("x_m", Column::X),
    ("y_m", Column::Y),
    ("level_dbm", Column::Level),
    ("level", Column::Level),
    ("level_db", Column::Level),
    ("rssi", Column::Level),
    ("rssi_dbm", Column::Level),
    ("bearing_deg", Column::Bearing),
    ("bearing", Column::Bearing),
    ("azimuth_deg", Column::Bearing),
    ("sigma", Column::Sigma),
    ("sigma_db", Column::LevelSigma),
    ("level_sigma_db", Column::LevelSigma),
    ("gain_offset_db", Column::Gain),
    ("gain_db", Column::Gain),
    ("sigma_deg", Column::BearingSigma),
    ("bearing_sigma_deg", Column::BearingSigma),
    ("frequency_hz", Column::Frequency),
    ("frequency", Column::Frequency),
    ("frequency_khz", Column::FrequencyKhz),
    ("frequency_mhz", Column::FrequencyMhz),
    ("time", Column::Time),
    ("datetime", Column::Time),
    ("time_utc", Column::Time),
];

/// The columns of a table by position.
struct Header {
    columns: Vec<Option<Column>>,
    delimiter: u8,
}

impl Header {
    fn read(text: &str) -> Option<Self> {
        let line = text.lines().find(|line| !line.trim().is_empty())?;
        let count = |delimiter: char| line.matches(delimiter).count();
        let delimiter = [',', ';', '\t'].into_iter().max_by_key(|delimiter| count(*delimiter))?;
        let known = |name: &str| {
            let name = name.trim().trim_matches('"').trim().to_ascii_lowercase();
            COLUMNS.iter().find(|(known, _)| *known == name).map(|(_, column)| *column)
        };
        let columns: Vec<_> = line.split(delimiter).map(known).collect();
        let header = Self { columns, delimiter: delimiter as u8 };
        let geographic = header.has(Column::Latitude) && header.has(Column::Longitude);
        let local = header.has(Column::X) && header.has(Column::Y);
        let placed = geographic || (local && header.is_report());
        let named = header.has(Column::Receiver) && header.is_report();
        (placed || named).then_some(header)
    }

    fn has(&self, column: Column) -> bool {
        self.columns.contains(&Some(column))
    }

    fn is_report(&self) -> bool {
        self.has(Column::Level) || self.has(Column::Bearing)
    }
}

/// True where the text begins like one of the tables.
pub(crate) fn is_table(start: &str) -> bool {
    Header::read(start.trim_start_matches('\u{feff}')).is_some()
}

/// Opens a table of receivers or of reports; rows that cannot be read become notices.
pub(crate) fn open(bytes: &Bytes) -> Result<Content, Error> {
    if bytes.len() > MAX_TEXT_BYTES {
        let what = format!("A table of {} MiB", bytes.len() >> 20);
        return Err(bytes.unsupported(0, what, "split it"));
    }
    let text = bytes.vec(0, bytes.len(), "the table")?;
    let text = String::from_utf8_lossy(&text);
    let text = text.trim_start_matches('\u{feff}');
    let Some(header) = Header::read(text) else {
        return Err(bytes.corrupt(0, "No column of positions, levels or bearings"));
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(header.delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    let (mut receivers, mut reports) = (Vec::new(), Vec::new());
    let mut bad_rows = Vec::new();
    for record in reader.records() {
        let position = |record: &csv::StringRecord| record.position().map_or(0, csv::Position::line);
        let row = match &record {
            Ok(record) => Row { header: &header, record, line: position(record) },
            Err(error) => {
                bad_rows.push(format!("A row cannot be read: {error}"));
                continue;
            }
        };
        if row.record.iter().all(str::is_empty) {
            continue;
        }
        let read = match header.is_report() {
            true => row.report().map(|report| reports.push(report)),
            false => row.receiver().map(|receiver| receivers.push(receiver)),
        };
        if let Err(reason) = read {
            bad_rows.push(format!("Line {} is left out: {reason}", row.line));
        }
    }
    if receivers.is_empty() && reports.is_empty() {
        let reason = bad_rows.first().map_or("No row", String::as_str);
        return Err(bytes.corrupt(0, format!("There is no usable row ({reason})")));
    }
    let more = bad_rows.len().saturating_sub(MAX_NAMED_ROWS);
    bad_rows.truncate(MAX_NAMED_ROWS);
    if more > 0 {
        bad_rows.push(format!("{more} more rows are left out"));
    }
    let notices: Vec<_> = bad_rows.iter().map(|row| format!("{row}: {}", bytes.name)).collect();
    Ok(match header.is_report() {
        true => Content::Reports { rows: reports, notices },
        false => Content::Receivers { rows: receivers, notices },
    })
}

struct Row<'a> {
    header: &'a Header,
    record: &'a csv::StringRecord,
    line: u64,
}

impl Row<'_> {
    fn text(&self, column: Column) -> Option<&str> {
        let at = self.header.columns.iter().position(|c| *c == Some(column))?;
        self.record.get(at).filter(|text| !text.is_empty())
    }

    fn number(&self, column: Column) -> Result<Option<f64>, String> {
        let Some(text) = self.text(column) else {
            return Ok(None);
        };
        // Where ; separates, a comma is a decimal comma.
        let decimal = match self.header.delimiter {
            b',' => text.to_owned(),
            _ => text.replace(',', "."),
        };
        let number = decimal.replace('−', "-").parse::<f64>().ok().filter(|v| v.is_finite());
        number.map(Some).ok_or_else(|| format!("\"{text}\" is no number"))
    }

    fn sigma(&self, columns: &[Column]) -> Result<Option<f64>, String> {
        for column in columns {
            if let Some(sigma) = self.number(*column)? {
                let valid = (sigma > 0.0).then_some(sigma);
                return valid.map(Some).ok_or_else(|| format!("a sigma of {sigma} is not positive"));
            }
        }
        Ok(None)
    }

    fn position(&self) -> Result<Option<Position>, String> {
        match (self.number(Column::Latitude)?, self.number(Column::Longitude)?) {
            (Some(latitude), Some(longitude)) => Position::new(latitude, longitude)
                .map(Some)
                .ok_or_else(|| format!("{latitude}, {longitude} is no position")),
            (None, None) => Ok(None),
            _ => Err("only one of latitude and longitude is given".into()),
        }
    }

    fn name(&self) -> String {
        let unnamed = || format!("line {}", self.line);
        self.text(Column::Receiver).map_or_else(unnamed, str::to_owned)
    }

    fn receiver(&self) -> Result<ReceiverRow, String> {
        let position = self.position()?.ok_or("the position is missing")?;
        let gain_offset_db = self.number(Column::Gain)?;
        // The σ of a table of receivers is of what it says of gains.
        let gain_sigma_db = match gain_offset_db {
            Some(_) => self.sigma(&[Column::LevelSigma, Column::Sigma])?,
            None => None,
        };
        Ok(ReceiverRow { name: self.name(), position, gain_offset_db, gain_sigma_db })
    }

    fn report(&self) -> Result<ReportRow, String> {
        let level_dbm = self.number(Column::Level)?;
        let bearing_deg = self.number(Column::Bearing)?;
        if level_dbm.is_none() && bearing_deg.is_none() {
            return Err("there is neither level nor bearing".into());
        }
        if let Some(bearing) = bearing_deg.filter(|deg| !(-360.0..=360.0).contains(deg)) {
            return Err(format!("a bearing of {bearing}° is none"));
        }
        let local_enu_m = match (self.number(Column::X)?, self.number(Column::Y)?) {
            (Some(x), Some(y)) => Some([x, y]),
            _ => None,
        };
        // A bare "sigma" is of whatever the row reports.
        let (level_sigma, bearing_sigma) = ([Column::LevelSigma, Column::Sigma], [Column::BearingSigma, Column::Sigma]);
        let level_sigma_db = self.sigma(&level_sigma)?.filter(|_| level_dbm.is_some());
        let bearing_sigma_deg = self.sigma(&bearing_sigma)?.filter(|_| bearing_deg.is_some());
        let khz = self.number(Column::FrequencyKhz)?.map(|khz| khz * 1e3);
        let mhz = self.number(Column::FrequencyMhz)?.map(|mhz| mhz * 1e6);
        Ok(ReportRow {
            receiver: self.name(),
            position: self.position()?,
            local_enu_m,
            level_dbm,
            bearing_deg: bearing_deg.map(|deg| deg.rem_euclid(360.0)),
            level_sigma_db,
            bearing_sigma_deg,
            frequency_hz: self.number(Column::Frequency)?.or(khz).or(mhz),
            time_unix_ns: self.text(Column::Time).and_then(rfc3339_ns),
        })
    }
}
