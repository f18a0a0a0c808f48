//! Which file formats there are.

use serde::{Deserialize, Serialize};

use super::{cot, csv, geojson, gpx, json, kml, svg};
use crate::Report;

/// File formats of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// Regions, receivers, hyperbolas for any map program.
    Geojson,
    /// For Google Earth.
    Kml,
    /// For hand-held satellite receivers.
    Gpx,
    /// Cursor on Target, for situation displays.
    Cot,
    /// A sheet for print: maps and correlations.
    Svg,
    /// A line per receiver and pair, for spreadsheets.
    Csv,
    /// Every intermediate number.
    Json,
}

impl ExportFormat {
    /// All of them, in the order of the buttons.
    pub const ALL: [Self; 7] = [Self::Geojson, Self::Kml, Self::Gpx, Self::Cot, Self::Svg, Self::Csv, Self::Json];

    /// Name on the button.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Geojson => "GeoJSON",
            Self::Kml => "KML",
            Self::Gpx => "GPX",
            Self::Cot => "CoT",
            Self::Svg => "SVG",
            Self::Csv => "CSV",
            Self::Json => "JSON report",
        }
    }

    /// File extension; also the word that `heimdall locate --format` takes.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Geojson => "geojson",
            Self::Kml => "kml",
            Self::Gpx => "gpx",
            Self::Cot => "cot",
            Self::Svg => "svg",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// Media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Geojson => "application/geo+json",
            Self::Kml => "application/vnd.google-earth.kml+xml",
            Self::Gpx => "application/gpx+xml",
            Self::Cot => "application/xml",
            Self::Svg => "image/svg+xml",
            Self::Csv => "text/csv",
            Self::Json => "application/json",
        }
    }

    /// The report in this format.
    pub fn write(self, report: &Report) -> String {
        match self {
            Self::Geojson => geojson(report),
            Self::Kml => kml(report),
            Self::Gpx => gpx(report),
            Self::Cot => cot(report),
            Self::Svg => svg(report),
            Self::Csv => csv(report),
            Self::Json => json(report),
        }
    }
}
