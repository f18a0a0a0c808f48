//! Worlds from their files, with the heights that they name.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};
use heimdall_recording::{Content, InputFile, Position, ReceiverRow, TypedFacts};
use heimdall_simulate::Terrain;
use heimdall_simulate::world::{Station, World};

use crate::disk::DiskFile;

/// Reads a world, and heights from the file beside it that it names.
pub(crate) fn load(path: &Path) -> Result<World> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let world = World::read(&bytes).with_context(|| path.display().to_string())?;
    let Some(file) = world.tile_name() else { return Ok(world) };
    let tile = path.with_file_name(file);
    let heights = heights(&tile).with_context(|| format!("heights of {}", path.display()))?;
    world.with_tile(heights).with_context(|| tile.display().to_string())
}

/// Other receivers for a world.
#[derive(clap::Args)]
pub(crate) struct About {
    /// Table of receivers (receiver,lat,lon) that take the place of the world's: square, blocks and cells grow with how
    /// far they stand apart. Together they are called as the table is, and so is the folder of their models.
    #[arg(long, value_name = "NAME.csv")]
    receivers: Option<PathBuf>,
}

impl About {
    /// The world of a file, about these receivers where there are any.
    pub(crate) fn load(&self, path: &Path) -> Result<World> {
        let world = load(path)?;
        let Some(table) = &self.receivers else { return Ok(world) };
        let name = table.file_stem().unwrap_or_default().to_string_lossy();
        let shared_clock = world.constellation.iter().any(|station| station.shared_clock);
        let station = |row: ReceiverRow| Station { name: row.name, position: row.position, shared_clock, beam: None };
        let stations = receivers(table)?.into_iter().map(station).collect();
        world.about(&name, stations).with_context(|| table.display().to_string())
    }
}

/// Rows of a table of receivers; none may be unreadable.
fn receivers(path: &Path) -> Result<Vec<ReceiverRow>> {
    let source = Rc::new(DiskFile::open(path).with_context(|| format!("cannot read {}", path.display()))?);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let contents = heimdall_recording::open(&[InputFile { name, source }], &TypedFacts::default())?;
    match contents.into_iter().next() {
        Some(Content::Receivers { rows, notices }) if notices.is_empty() => Ok(rows),
        Some(Content::Receivers { notices, .. }) => bail!("{}: {}", notices.join(" "), path.display()),
        _ => bail!("no table of receivers (receiver,lat,lon): {}", path.display()),
    }
}

/// Heights of an elevation tile, by the ending of its name.
fn heights(path: &Path) -> Result<Terrain> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let read = match ending.as_str() {
        "hgt" => hgt,
        "tif" | "tiff" => geo_tiff,
        "npz" => npz,
        _ => bail!("{}: elevation tiles are .hgt, .tif or .npz files", path.display()),
    };
    read(path).with_context(|| path.display().to_string())
}

/// Shuttle Radar Topography Mission: the name, N45E007, is the south-west corner.
fn hgt(path: &Path) -> Result<Terrain> {
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_ascii_uppercase();
    let degrees = |digits: Option<&str>, sign: Option<&str>| -> Option<f64> {
        let degrees: f64 = digits?.parse().ok()?;
        match sign? {
            "N" | "E" => Some(degrees),
            "S" | "W" => Some(-degrees),
            _ => None,
        }
    };
    let latitude = degrees(name.get(1..3), name.get(0..1));
    let longitude = degrees(name.get(4..7), name.get(3..4));
    let (Some(latitude_deg), Some(longitude_deg)) = (latitude, longitude) else {
        bail!("its name must be the south-west corner, such as N45E007.hgt");
    };
    Ok(Terrain::from_hgt(&std::fs::read(path)?, Position { latitude_deg, longitude_deg })?)
}

/// Model pixel scale and tie point of a GeoTIFF (OGC 19-008r4, §7.5); GeoKey 1025 says what a pixel stands for.
const RASTER_TYPE_KEY: u32 = 1025;
const MODEL_TYPE_KEY: u32 = 1024;
const POINT: u32 = 2;
const GEOGRAPHIC: u32 = 2;

/// Degrees north up; other projections are refused.
fn geo_tiff(path: &Path) -> Result<Terrain> {
    use tiff::decoder::{Decoder, DecodingResult};
    use tiff::tags::Tag;
    let mut file = Decoder::new(std::io::BufReader::new(std::fs::File::open(path)?))?;
    let (columns, rows) = file.dimensions()?;
    let keys = file.get_tag_u32_vec(Tag::GeoKeyDirectoryTag).context("it has no geographic keys")?;
    let key = |wanted: u32| keys.chunks_exact(4).skip(1).find(|entry| entry[0] == wanted).map(|entry| entry[3]);
    ensure!(key(MODEL_TYPE_KEY) == Some(GEOGRAPHIC), "it is not in degrees: warp it to EPSG:4326");
    let scale = file.get_tag_f64_vec(Tag::ModelPixelScaleTag).context("it has no pixel scale")?;
    let tie = file.get_tag_f64_vec(Tag::ModelTiepointTag).context("it has no tie point")?;
    let (&[width, height, ..], &[column, row, _, longitude, latitude, ..]) = (scale.as_slice(), tie.as_slice()) else {
        bail!("its pixel scale or tie point is incomplete");
    };
    let center = if key(RASTER_TYPE_KEY) == Some(POINT) { 0.0 } else { 0.5 };
    let heights = match file.read_image()? {
        DecodingResult::I16(values) => values.into_iter().map(f32::from).collect(),
        DecodingResult::U16(values) => values.into_iter().map(f32::from).collect(),
        DecodingResult::I32(values) => values.into_iter().map(|value| value as f32).collect(),
        DecodingResult::F32(values) => values,
        _ => bail!("its pixels are neither 16 or 32-bit integers nor 32-bit floats"),
    };
    let corner = [latitude + (row - center) * height, longitude + (center - column) * width];
    Ok(Terrain::new(heights, [rows as usize, columns as usize], corner, [height, width])?)
}

/// NumPy archive with `elevation` in metres, the pixels' sides (`dx`, `dy`) and the outer edges of the first column
/// (`xmin`), first and last row (`ymin`, `ymax`), degrees.
fn npz(path: &Path) -> Result<Terrain> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path)?)?;
    let mut array = |name: &str| -> Result<_> {
        let mut bytes = Vec::new();
        let mut member = archive.by_name(&format!("{name}.npy")).with_context(|| format!("it has no {name}"))?;
        member.read_to_end(&mut bytes)?;
        Ok(npyz::NpyFile::new(std::io::Cursor::new(bytes))?)
    };
    let mut number = |name: &str| -> Result<f64> {
        array(name)?.into_vec::<f64>()?.first().copied().with_context(|| format!("{name} holds nothing"))
    };
    let (west, width, height) = (number("xmin")?, number("dx")?, number("dy")?);
    let (first, last) = (number("ymin")?, number("ymax")?);
    let elevation = array("elevation")?;
    let &[rows, columns] = elevation.shape() else { bail!("elevation is not a table of rows and columns") };
    let shape = [usize::try_from(rows)?, usize::try_from(columns)?];
    ensure!(elevation.order() == npyz::Order::C, "elevation is stored column by column: save it row by row");
    let values = elevation.into_vec::<i16>().context("elevation is not of 16-bit integers")?;
    let rows = values.chunks(shape[1].max(1)).map(|row| row.iter().copied().map(f32::from));
    let heights = if first < last { rows.rev().flatten().collect() } else { rows.flatten().collect() };
    let corner = [first.max(last) - height / 2.0, west + width / 2.0];
    Ok(Terrain::new(heights, shape, corner, [height, width])?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Written by rasterio 1.4.4 (GDAL 3.10) and NumPy: 5 rows of 0.2°, 7 columns of 0.1°, the north-western corner at
    /// 46° N 7° E; heights are 100 · row + 3 · column.
    fn golden(name: &str) -> Result<Terrain> {
        heights(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name))
    }

    #[test]
    fn tiles_of_other_programs_have_their_heights_where_they_belong() {
        for name in ["heights.tif", "heights.npz"] {
            let tile = golden(name).unwrap();
            let at = |row: f64, column: f64| {
                // Pixels are areas: their values stand in their middles.
                let position = Position::new(46.0 - 0.2 * (row + 0.5), 7.0 + 0.1 * (column + 0.5)).unwrap();
                tile.height_m(position)
            };
            assert!((at(0.0, 0.0) - 0.0).abs() < 1e-3, "{name}");
            assert!((at(4.0, 6.0) - 418.0).abs() < 1e-3, "{name}");
            assert!((at(1.5, 2.25) - 156.75).abs() < 1e-3, "{name}");
        }
    }

    #[test]
    fn tiles_that_cannot_be_placed_are_refused_with_the_reason() {
        let refused = |path: &Path| format!("{:#}", heights(path).unwrap_err());
        assert!(format!("{:#}", golden("heights-utm.tif").unwrap_err()).contains("EPSG:4326"));
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        assert!(refused(&file("tile.hgt", b"")).contains("N45E007"));
        assert!(refused(&file("N45E007.hgt", b"1234")).contains("1201"));
        assert!(refused(&file("heights.asc", b"")).contains(".hgt, .tif or .npz"));
        for ending in ["tif", "npz"] {
            assert!(refused(&file(&format!("broken.{ending}"), b"II*\0broken")).contains("broken"), "{ending}");
        }
    }

    #[test]
    fn the_real_relief_has_its_mountains() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/terrain/jacksboro_fault_dem.npz");
        if !path.exists() {
            eprintln!("not checked, the tile is not there: {}", path.display());
            return;
        }
        let tile = heights(&path).unwrap();
        // NumPy says that the highest of its pixels is this, and how high.
        let summit = tile.height_m(Position::new(36.484983, -84.230833).unwrap());
        assert!((summit - 1076.0).abs() < 0.5, "{summit}");
    }
}
