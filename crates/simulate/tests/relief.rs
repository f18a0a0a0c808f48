//! Worlds with ground and antennas.
#![allow(clippy::unwrap_used)]

use heimdall_recording::Position;
use heimdall_simulate::world::{Beam, Fields, World};
use heimdall_simulate::{Error, Terrain, terrain_loss_db};

fn file() -> String {
    std::fs::read_to_string(format!("{}/../../worlds/terrain.json", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

const FRACTAL: &str = r#"{ "fractal": { "nodes": 601, "hurst": 0.8, "sigma_m": 400, "mean_m": 600 } }"#;

/// The committed world over a tile instead of fractals.
fn over_tile() -> World {
    let text = file().replace(FRACTAL, r#"{ "tile": { "file": "ridges.npz" } }"#);
    World::read(text.replace("\"cell_m\": 500", "\"cell_m\": 5000").as_bytes()).unwrap()
}

/// Ridges 12 km apart, heights a smooth function of the place; 0.005° apart.
fn ridges(west_deg: f64) -> Terrain {
    let height = |row: usize, column: usize| {
        let (north, east) = (46.6 - 0.005 * row as f64, west_deg + 0.005 * column as f64);
        (500.0 + 300.0 * (north * 58.0).sin() + 250.0 * (east * 41.0 + north * 20.0).cos()) as f32
    };
    let heights = (0..600).flat_map(|row| (0..800).map(move |column| height(row, column))).collect();
    Terrain::new(heights, [600, 800], [46.6, west_deg], [0.005, 0.005]).unwrap()
}

#[test]
fn levels_over_ground_are_those_of_the_recommendations_over_the_geodesic() {
    let world = over_tile();
    assert_eq!(world.tile_name(), Some("ridges.npz"));
    let terrain = ridges(6.3);
    let world = world.with_tile(terrain.clone()).unwrap();
    let fields = Fields::new(&world, 1).unwrap();
    let plane = world.plane();
    let (mut shadowed, mut off, mut count, mut squares) = (0, 0, 0, 0.0);
    for column in -6..=6 {
        for row in -6..=6 {
            // Centres of cells.
            let place = [f64::from(column) * 10e3 + 2.5e3, f64::from(row) * 10e3 + 2.5e3];
            for (receiver, station) in
                world.constellation.iter().enumerate().filter(|(_, station)| station.beam.is_none())
            {
                let expected_db =
                    terrain_loss_db(&terrain, plane.position(place), station.position, 145.5e6, [10.0, 20.0]);
                let off_db = -fields.path_gain_db(receiver, place) - expected_db;
                // Profiles are sampled apart, on two interpolations of the ground; where a ridge just comes into view the
                // construction jumps.
                off += i32::from(off_db.abs() > 1.5);
                let distance_km = fields.distance_m(receiver, place) / 1e3;
                shadowed += i32::from(expected_db > 75.7 + 20.0 * distance_km.log10() + 10.0);
                count += 1;
                squares += off_db * off_db;
            }
        }
    }
    let deviation_db = (squares / f64::from(count)).sqrt();
    assert!(deviation_db < 0.6 && off < count / 50, "{deviation_db} dB, {off} of {count}");
    assert!(shadowed > count / 2, "the ridges are in the way: {shadowed} of {count}");
}

#[test]
fn every_realisation_has_ground_of_its_own_and_the_same_again() {
    let world = World::read(file().replace("\"cell_m\": 500", "\"cell_m\": 5000").as_bytes()).unwrap();
    let gain = |seed: u64| {
        let fields = Fields::new(&world, seed).unwrap();
        (0..20).map(|step| fields.path_gain_db(2, [f64::from(step) * 7e3 - 70e3, 20e3])).collect::<Vec<_>>()
    };
    assert_eq!(gain(1), gain(1));
    assert_ne!(gain(1), gain(2));
}

#[test]
fn a_beam_has_half_its_gain_at_half_its_width_and_a_back() {
    let beam = Beam { azimuth_deg: 350.0, width_deg: 60.0, gain_dbi: 9.0, front_to_back_db: 20.0 };
    for (azimuth_deg, expected_dbi) in [(350.0, 9.0), (20.0, 6.0), (320.0, 6.0), (-40.0, 6.0), (170.0, -11.0)] {
        assert!((beam.gain_dbi(azimuth_deg) - expected_dbi).abs() < 1e-9, "{azimuth_deg}");
    }
    let world = World::read(file().replace("\"cell_m\": 500", "\"cell_m\": 15000").as_bytes()).unwrap();
    let plain =
        World { constellation: world.constellation.iter().cloned().map(without_beam).collect(), ..world.clone() };
    let (fields, plain) = (Fields::new(&world, 1).unwrap(), Fields::new(&plain, 1).unwrap());
    let receiver = world.constellation.iter().position(|station| station.beam.is_some()).unwrap();
    let [east, north] = world.receivers_east_north_m()[receiver];
    // The committed beam looks to the north-west.
    let gain_db = |place| fields.path_gain_db(receiver, place) - plain.path_gain_db(receiver, place);
    assert!((gain_db([east - 9e3, north + 9e3]) - 9.0).abs() < 1e-9);
    assert!((gain_db([east + 9e3, north - 9e3]) + 11.0).abs() < 1e-9);
}

fn without_beam(station: heimdall_simulate::world::Station) -> heimdall_simulate::world::Station {
    heimdall_simulate::world::Station { beam: None, ..station }
}

#[test]
fn ground_that_is_not_there_or_too_small_is_refused() {
    let world = over_tile();
    assert!(matches!(Fields::new(&world, 1), Err(Error::NoTile)));
    let error = world.with_tile(ridges(8.0)).unwrap_err().to_string();
    assert!(error.contains("Aquila di Giaveno"), "{error}");
    let refused = |from: &str, to: &str| {
        assert!(file().contains(from));
        World::read(file().replace(from, to).as_bytes()).unwrap_err().to_string()
    };
    assert!(refused("\"hurst\": 0.8", "\"hurst\": 1.8").contains("hurst"));
    assert!(refused("\"nodes\": 601", "\"nodes\": 1").contains("nodes"));
    assert!(refused("\"transmitter_m\": 10", "\"transmitter_m\": -1").contains("transmitter_m"));
    assert!(refused("\"width_deg\": 60", "\"width_deg\": 0").contains("width_deg"));
    assert!(refused("\"cell_m\": 500", "\"cell_m\": 7").contains("cell_m"));
    let flat =
        |heights: Vec<f32>, shape| Terrain::new(heights, shape, [46.0, 7.0], [0.1, 0.1]).unwrap_err().to_string();
    assert!(flat(vec![0.0; 4], [2, 3]).contains("heights"));
    assert!(flat(vec![f32::NAN; 6], [2, 3]).contains("heights"));
    assert!(flat(vec![0.0; 3], [1, 3]).contains("rows"));
    assert!(Terrain::new(vec![0.0; 4], [2, 2], [-89.95, 7.0], [0.1, 0.1]).is_err());
    let corner = Position::new(46.0, 7.0).unwrap();
    let tile = Terrain::new(vec![0.0; 4], [2, 2], [46.0, 7.0], [0.1, 0.1]).unwrap();
    assert!(tile.holds(corner) && !tile.holds(Position::new(46.1, 7.0).unwrap()));
}
