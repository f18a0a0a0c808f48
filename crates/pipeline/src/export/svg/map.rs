//! A map of the sheet.

use std::fmt::Write;

use heimdall_localize::{BoundLine, Geodesy, LocalFrame};
use heimdall_recording::Position;

use super::Frame;
use crate::Report;
use crate::export::xml::escape;

/// Room around what is shown, as a part of it.
const ROOM: f64 = 0.12;
/// Steps of a graticule, degrees.
const STEPS_DEG: [f64; 15] = [30.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005];
/// Pieces of a line of equal latitude or longitude.
const PIECES: u32 = 24;

/// A plane that is true to distance and direction from its middle, and where it lies on the sheet.
pub(super) struct Map {
    geodesy: Geodesy,
    plane: LocalFrame,
    /// What lies in the middle of the frame, metres east and north.
    middle_m: [f64; 2],
    pixels_per_m: f64,
    frame: Frame,
}

impl Map {
    /// With every receiver and region.
    pub(super) fn of_all(report: &Report, frame: Frame) -> Option<Self> {
        let receivers = report.receivers.iter().filter_map(|receiver| Some(receiver.position.as_ref()?.value));
        let mut places: Vec<Position> = receivers.collect();
        places.extend(region_places(report));
        Self::of(&places, frame)
    }

    /// With the regions alone.
    pub(super) fn close_up(report: &Report, frame: Frame) -> Option<Self> {
        Self::of(&region_places(report).collect::<Vec<_>>(), frame)
    }

    fn of(places: &[Position], frame: Frame) -> Option<Self> {
        let geodesy = Geodesy::default();
        // Twice: first about any of them, then about their middle.
        let mut plane = LocalFrame { origin: *places.first()? };
        let mut span = [[0.0f64; 2]; 2];
        for _ in 0..2 {
            let middle = [0, 1].map(|axis: usize| f64::midpoint(span[0][axis], span[1][axis]));
            plane = LocalFrame { origin: plane.position(&geodesy, middle) };
            let points = places.iter().map(|place| plane.east_north_m(&geodesy, *place));
            span = points.fold([[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]], |[low, high], [east, north]| {
                [[low[0].min(east), low[1].min(north)], [high[0].max(east), high[1].max(north)]]
            });
        }
        let [low, high] = span;
        let extent = |axis: usize| ((high[axis] - low[axis]) * (1.0 + 2.0 * ROOM)).max(20.0);
        let pixels_per_m = (frame.width / extent(0)).min(frame.height / extent(1));
        let middle_m = [0, 1].map(|axis: usize| f64::midpoint(low[axis], high[axis]));
        pixels_per_m.is_finite().then_some(Self { geodesy, plane, middle_m, pixels_per_m, frame })
    }

    fn at(&self, place: Position) -> [f64; 2] {
        let [east, north] = self.plane.east_north_m(&self.geodesy, place);
        let Frame { left, top, width, height } = self.frame;
        [
            left + width / 2.0 + (east - self.middle_m[0]) * self.pixels_per_m,
            top + height / 2.0 - (north - self.middle_m[1]) * self.pixels_per_m,
        ]
    }

    /// A path of lines of `[longitude, latitude]`.
    fn path(&self, lines: &[Vec<[f64; 2]>], end: &str) -> String {
        let mut path = String::new();
        for line in lines {
            for (index, [lon, lat]) in line.iter().enumerate() {
                let Some(place) = Position::new(lat.clamp(-90.0, 90.0), (lon + 180.0).rem_euclid(360.0) - 180.0) else {
                    continue;
                };
                let [x, y] = self.at(place);
                let _ = write!(path, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' });
            }
            path.push_str(end);
        }
        path
    }

    /// The map with a name of its own, by which its frame is cut out.
    pub(super) fn drawn(&self, report: &Report, id: &str, title: &str) -> String {
        let Frame { left, top, width, height } = self.frame;
        let mut inside = self.graticule();
        for line in &report.bounds {
            let _ = write!(inside, "<path class='bound' d='{}'/>", self.path(&line.rings, "Z"));
            line.rings.iter().for_each(|ring| inside.push_str(&self.size(ring, line.semi_major_m)));
        }
        let mut regions: Vec<_> = report.fix.regions.iter().collect();
        regions.sort_by(|one, other| other.probability.total_cmp(&one.probability));
        for region in regions {
            for polygon in &region.geometry.coordinates {
                let path = self.path(polygon, "Z");
                let _ = write!(inside, "<path class='region' fill-opacity='.2' stroke-opacity='.7' d='{path}'/>");
            }
        }
        for pair in &report.pairs {
            let _ = write!(inside, "<path class='line' d='{}'/>", self.path(&pair.hyperbola, ""));
        }
        if let Some(ellipse) = &report.fix.ellipse_95 {
            let [x, y] = self.at(ellipse.center);
            let _ = write!(
                inside,
                "<ellipse class='ellipse' rx='{:.1}' ry='{:.1}' transform='translate({x:.1} {y:.1}) rotate({:.1})'/>",
                ellipse.semi_minor_m * self.pixels_per_m,
                ellipse.semi_major_m * self.pixels_per_m,
                ellipse.azimuth_deg
            );
        }
        inside.push_str(&self.signs(report));
        inside.push_str(&self.scale());
        format!(
            "<clipPath id='{id}'><rect x='{left}' y='{top}' width='{width}' height='{height}'/></clipPath>\
             <rect class='frame' x='{left}' y='{top}' width='{width}' height='{height}'/>\
             <g clip-path='url(#{id})'>{inside}</g>\
             <text class='muted small' x='{left}' y='{:.1}'>{}</text>",
            top + height + 13.0,
            escape(title)
        )
    }

    /// What a line of equal bound stands for.
    fn size(&self, ring: &[[f64; 2]], semi_major_m: f64) -> String {
        BoundLine::name_at(ring).map_or_else(String::new, |place| {
            let ([x, y], name) = (self.at(place), length(semi_major_m));
            format!("<text class='name' text-anchor='middle' x='{x:.1}' y='{:.1}'>{name}</text>", y + 4.0)
        })
    }

    /// Receivers with their names, the mean and the most likely place.
    fn signs(&self, report: &Report) -> String {
        let mut signs = String::new();
        for receiver in &report.receivers {
            let Some(position) = &receiver.position else { continue };
            let [x, y] = self.at(position.value);
            let class = if receiver.used { "receiver" } else { "receiver unused" };
            let _ = write!(
                signs,
                "<path class='{class}' d='M{x:.1} {:.1}l7 12h-14z'/><text class='name' x='{:.1}' y='{:.1}'>{}</text>",
                y - 8.0,
                x + 10.0,
                y + 4.0,
                escape(&receiver.name)
            );
        }
        if let Some([x, y]) = report.fix.mean.map(|mean| self.at(mean)) {
            let _ = write!(signs, "<path class='mean' d='M{x:.1} {:.1}v12M{:.1} {y:.1}h12'/>", y - 6.0, x - 6.0);
        }
        if let Some([x, y]) = report.fix.mode.map(|mode| self.at(mode)) {
            let _ = write!(signs, "<circle class='mode' cx='{x:.1}' cy='{y:.1}' r='5.5'/>");
        }
        signs
    }

    /// Lines of whole steps of latitude and longitude that cross the frame.
    fn graticule(&self) -> String {
        let Frame { width, height, .. } = self.frame;
        let half_m = [width, height].map(|pixels| pixels / 2.0 / self.pixels_per_m);
        let corners = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [0.0, 1.0], [0.0, -1.0]];
        let places = corners.map(|[east, north]| {
            let place = [self.middle_m[0] + east * half_m[0], self.middle_m[1] + north * half_m[1]];
            self.plane.position(&self.geodesy, place)
        });
        let origin = self.plane.origin;
        let turned =
            |degrees: f64| (degrees - origin.longitude_deg + 180.0).rem_euclid(360.0) - 180.0 + origin.longitude_deg;
        let span = |values: [f64; 6]| {
            let low = values.into_iter().fold(f64::INFINITY, f64::min);
            (low, values.into_iter().fold(f64::NEG_INFINITY, f64::max))
        };
        let (south, north) = span(places.map(|place| place.latitude_deg));
        let (west, east) = span(places.map(|place| turned(place.longitude_deg)));
        let extent = (north - south).max(east - west);
        let step = STEPS_DEG.into_iter().find(|step| extent / step >= 3.0).unwrap_or(0.0002);
        let whole = |low: f64, high: f64| {
            let (first, last) = ((low / step).ceil() as i32, (high / step).floor() as i32);
            (first..=last).map(move |index| f64::from(index) * step)
        };
        let along = |low: f64, high: f64| {
            (0..=PIECES).map(move |piece| low + (high - low) * f64::from(piece) / f64::from(PIECES))
        };
        let mut lines: Vec<Vec<[f64; 2]>> = Vec::new();
        lines.extend(whole(south, north).map(|lat| along(west, east).map(|lon| [lon, lat]).collect()));
        lines.extend(whole(west, east).map(|lon| along(south, north).map(|lat| [lon, lat]).collect()));
        let mut drawn = format!("<path class='grid' d='{}'/>", self.path(&lines, ""));
        // As many as tell the steps apart.
        let digits = (0..4).find(|digits| step >= 10f64.powi(-digits)).unwrap_or(4) as usize;
        let Frame { left, top, height, .. } = self.frame;
        for lat in whole(south, north) {
            let y = Position::new(lat, origin.longitude_deg).map_or(f64::NAN, |place| self.at(place)[1]);
            if y > top + 12.0 && y < top + height - 40.0 {
                let _ = write!(
                    drawn,
                    "<text class='muted small' x='{:.1}' y='{:.1}'>{lat:.digits$}°</text>",
                    left + 4.0,
                    y - 3.0
                );
            }
        }
        for lon in whole(west, east) {
            let around = (lon + 180.0).rem_euclid(360.0) - 180.0;
            let x = Position::new(origin.latitude_deg, around).map_or(f64::NAN, |place| self.at(place)[0]);
            if x > left + 40.0 && x < left + self.frame.width - 30.0 {
                let _ = write!(
                    drawn,
                    "<text class='muted small' x='{:.1}' y='{:.1}'>{around:.digits$}°</text>",
                    x + 3.0,
                    top + 12.0
                );
            }
        }
        drawn
    }

    /// A bar of 1, 2 or 5 times a power of ten, up to a quarter of the frame.
    fn scale(&self) -> String {
        let most_m = self.frame.width / 4.0 / self.pixels_per_m;
        let decade = 10f64.powf(most_m.log10().floor());
        let length_m =
            [5.0, 2.0, 1.0].map(|step| step * decade).into_iter().find(|length| *length <= most_m).unwrap_or(decade);
        let Frame { left, top, height, .. } = self.frame;
        let (x, y) = (left + 12.0, top + height - 14.0);
        let name = length(length_m);
        format!(
            "<path class='scale' d='M{x:.1} {y:.1}h{:.1}'/><text class='small' x='{x:.1}' y='{:.1}'>{name}</text>",
            length_m * self.pixels_per_m,
            y - 5.0
        )
    }
}

/// A round length.
fn length(metres: f64) -> String {
    if metres >= 1000.0 { format!("{:.0} km", metres / 1000.0) } else { format!("{metres:.0} m") }
}

/// Vertices of the regions, and the best guesses.
fn region_places(report: &Report) -> impl Iterator<Item = Position> {
    let rings = report.fix.regions.iter().flat_map(|region| region.geometry.coordinates.iter().flatten().flatten());
    let vertices = rings.filter_map(|[lon, lat]| Position::new(*lat, (lon + 180.0).rem_euclid(360.0) - 180.0));
    report.fix.mean.into_iter().chain(report.fix.mode).chain(vertices)
}
