//! Worlds: fields with the covariance they claim, scenes that can be made again, places held out whole.
#![allow(clippy::unwrap_used)]

use heimdall_fields::Covariance;
use heimdall_simulate::world::{Fields, Lattice, Observation, Split, Station, World};
use heimdall_simulate::{Error, SPEED_OF_LIGHT_M_PER_S, distance_m};

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../worlds/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn world(name: &str) -> World {
    World::read(&file(name)).unwrap()
}

const FILES: [&str; 5] = ["level-20km.json", "level-5km.json", "synchronised.json", "mixed.json", "terrain.json"];

fn deviation(values: &[f64]) -> f64 {
    (values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64).sqrt()
}

/// Monte Carlo over independent fields against the closed form.
fn assert_covariance(covariance: Covariance) {
    const FIELDS: usize = 6000;
    let lattices = Lattice::draw(covariance, 40, 500.0, FIELDS, 1, 1);
    let place = |column: f64, row: f64| [(column - 19.5) * 500.0, (row - 19.5) * 500.0];
    let pairs =
        [(0, 0, 0, 0), (0, 0, 1, 0), (3, 7, 3, 9), (5, 5, 8, 9), (0, 39, 39, 0), (10, 0, 26, 12), (0, 0, 0, 39)];
    for (x1, y1, x2, y2) in pairs {
        let [a, b] = [place(f64::from(x1), f64::from(y1)), place(f64::from(x2), f64::from(y2))];
        let measured = lattices.iter().map(|field| field.cell(a) * field.cell(b)).sum::<f64>() / FIELDS as f64;
        let expected = covariance.correlation((a[0] - b[0]).hypot(a[1] - b[1]));
        // Variance of the product of two unit normals with correlation ρ is 1 + ρ².
        let standard_error = ((1.0 + expected * expected) / FIELDS as f64).sqrt();
        assert!((measured - expected).abs() < 4.0 * standard_error, "{a:?} {b:?}: {measured} {expected}");
    }
    let between = lattices.windows(2).map(|pair| pair[0].cell([0.0, 0.0]) * pair[1].cell([0.0, 0.0])).sum::<f64>();
    assert!((between / FIELDS as f64).abs() < 4.0 / (FIELDS as f64).sqrt());
}

#[test]
fn exponential_fields_have_gudmundsons_covariance() {
    assert_covariance(Covariance::Exponential { length_m: 4000.0 });
}

#[test]
fn gaussian_fields_have_theirs() {
    assert_covariance(Covariance::Gaussian { length_m: 4000.0 });
}

#[test]
fn a_smooth_field_lies_between_its_nodes() {
    let field = &Lattice::draw(Covariance::Gaussian { length_m: 16e3 }, 40, 500.0, 1, 3, 1)[0];
    let (here, there) = (field.interpolated([250.0, 250.0]), field.interpolated([750.0, 250.0]));
    assert!((field.interpolated([500.0, 250.0]) - 0.5 * (here + there)).abs() < 1e-9);
    assert_eq!(here, field.cell([250.0, 250.0]));
}

#[test]
fn shadowing_of_a_world_has_its_spread_over_seeds_and_receivers() {
    let world = world("level-5km.json");
    let places = [[-60e3, -60e3], [0.0, 0.0], [70e3, 10e3], [-20e3, 50e3]];
    let values: Vec<f64> = (0..30)
        .flat_map(|seed| {
            let fields = Fields::new(&world, seed).unwrap();
            let at = |place: [f64; 2]| (0..7).map(|receiver| fields.shadowing_db(receiver, place)).collect::<Vec<_>>();
            places.iter().flat_map(|place| at(*place)).collect::<Vec<_>>()
        })
        .collect();
    // 840 values, of which correlation leaves nearly all independent: standard error 6/√1680 = 0.15.
    assert!((deviation(&values) - 6.0).abs() < 0.6, "{}", deviation(&values));
}

#[test]
fn a_scene_is_the_same_alone_and_among_others() {
    let world = world("mixed.json");
    let (one, other) = (Fields::new(&world, 5).unwrap(), Fields::new(&world, 5).unwrap());
    let all: Vec<Observation> = (0..20).map(|index| one.observe(Split::Test, index)).collect();
    assert_eq!(all[17], other.observe(Split::Test, 17));
    assert_ne!(all[17], other.observe(Split::Validation, 17));
    assert_ne!(all[17], Fields::new(&world, 6).unwrap().observe(Split::Test, 17));
    assert_eq!(all[17].truth, world.transmitter(5, Split::Test, 17));
}

#[test]
fn no_block_serves_two_parts() {
    let world = world("level-20km.json");
    let mut counts = [0_usize; 3];
    for column in 0..30 {
        for row in 0..30 {
            let block = heimdall_simulate::world::Block { column, row };
            counts[world.split(1, block) as usize] += 1;
        }
    }
    // 15 % of 900 blocks: 135 with a binomial deviation of 11.
    assert!(counts[1].abs_diff(135) < 44 && counts[2].abs_diff(135) < 44, "{counts:?}");
    for part in [Split::Training, Split::Validation, Split::Test] {
        for index in 0..300 {
            let truth = world.transmitter(1, part, index);
            assert_eq!(world.split(1, world.block(truth.east_north_m)), part);
            assert!(truth.east_north_m.iter().all(|metres| metres.abs() <= 75e3));
        }
    }
}

#[test]
fn levels_are_the_law_and_a_decibel_of_noise() {
    let world = world("level-20km.json");
    let fields = Fields::new(&world, 2).unwrap();
    let receivers = world.receivers_east_north_m();
    let mut errors = Vec::new();
    for index in 0..400 {
        let scene = fields.observe(Split::Training, index);
        let [east, north] = scene.truth.east_north_m;
        for (receiver, level) in scene.level_dbm.iter().enumerate() {
            let [x, y] = receivers[receiver];
            let kilometres = (east - x).hypot(north - y).max(100.0) / 1000.0;
            let law = scene.truth.power_dbm - 76.0 - 35.0 * kilometres.log10();
            errors.push(level.unwrap() - law - fields.shadowing_db(receiver, [east, north]));
        }
        assert!(scene.arrival.iter().all(Option::is_none));
    }
    // 2800 independent normals: standard error of their deviation 0.013.
    assert!((deviation(&errors) - 1.0).abs() < 0.06, "{}", deviation(&errors));
}

#[test]
fn arrival_times_are_the_path_the_field_and_the_residue() {
    let world = world("synchronised.json");
    let fields = Fields::new(&world, 2).unwrap();
    let (mut errors, mut delays) = (Vec::new(), Vec::new());
    for index in 0..400 {
        let scene = fields.observe(Split::Training, index);
        let place = scene.truth.east_north_m;
        for (receiver, arrival) in scene.arrival.iter().enumerate() {
            let path_s = fields.distance_m(receiver, place) / SPEED_OF_LIGHT_M_PER_S;
            let delay = fields.excess_delay_s(receiver, place);
            errors.push(1e6 * (arrival.unwrap().time_s - scene.truth.emitted_s - path_s - delay));
            delays.push(1e6 * delay);
        }
    }
    // √(0.3² + 0.04²) µs.
    assert!((deviation(&errors) - 0.3027).abs() < 0.018, "{}", deviation(&errors));
    let outside = delays.iter().filter(|delay| !(0.0..=5.0).contains(*delay)).count();
    // 2.5 ± 0.9 µs leaves 0…5 µs with probability 0.55 %; places are correlated.
    assert!(outside as f64 / (delays.len() as f64) < 0.03, "{outside}");
}

#[test]
fn only_stations_with_a_shared_clock_give_times() {
    let world = world("mixed.json");
    let scene = Fields::new(&world, 1).unwrap().observe(Split::Training, 0);
    let timed: Vec<bool> = scene.arrival.iter().map(Option::is_some).collect();
    assert_eq!(timed, world.constellation.iter().map(|station| station.shared_clock).collect::<Vec<_>>());
    assert_eq!(timed.iter().filter(|timed| **timed).count(), 4);
}

#[test]
fn outages_come_as_often_as_stated_and_change_nothing_else() {
    let whole = world("level-20km.json");
    let broken = World { outage_probability: 0.25, ..whole.clone() };
    let (whole, broken) = (Fields::new(&whole, 1).unwrap(), Fields::new(&broken, 1).unwrap());
    let mut missed = 0;
    for index in 0..300 {
        let (a, b) = (whole.observe(Split::Test, index), broken.observe(Split::Test, index));
        for (a, b) in a.level_dbm.iter().zip(&b.level_dbm) {
            missed += usize::from(b.is_none());
            assert!(b.is_none() || a == b);
        }
    }
    // 2100 draws: 525 with a deviation of 20.
    assert!((445..605).contains(&missed), "{missed}");
}

#[test]
fn the_plane_keeps_distances_over_the_square() {
    let world = world("level-20km.json");
    let plane = world.plane();
    for (station, place) in world.constellation.iter().zip(world.receivers_east_north_m()) {
        for corner in [[75e3, 75e3], [-75e3, 75e3], [-75e3, -75e3], [75e3, -75e3], [0.0, 0.0]] {
            let flat_m = (corner[0] - place[0]).hypot(corner[1] - place[1]);
            let geodesic_m = distance_m(station.position, plane.position(corner));
            assert!((flat_m - geodesic_m).abs() < 5.0, "{flat_m} {geodesic_m}");
        }
        let back = plane.position(place);
        assert!((back.latitude_deg - station.position.latitude_deg).abs() < 1e-9);
    }
}

#[test]
fn committed_worlds_share_constellation_and_blocks() {
    let worlds = FILES.map(world);
    for other in &worlds {
        assert_eq!(other.blocks, worlds[0].blocks);
        assert!(other.seeds.len() >= 10 && other.seeds.len() * other.scenes.test >= 2000);
        let places = |world: &World| world.constellation.iter().map(|s| s.position).collect::<Vec<_>>();
        assert_eq!(places(other), places(&worlds[0]));
    }
}

#[test]
fn a_file_that_is_no_world_is_refused_with_the_reason() {
    let text = String::from_utf8(file("level-20km.json")).unwrap();
    let refused = |from: &str, to: &str| {
        assert!(text.contains(from));
        World::read(text.replace(from, to).as_bytes()).unwrap_err().to_string()
    };
    assert!(refused("\"level_noise_db\"", "\"noise_db\"").contains("noise_db"));
    assert!(refused("\"side_m\": 5000", "\"side_m\": 7000").contains("side_m"));
    assert!(refused("\"cell_m\": 250", "\"cell_m\": 1").contains("cell_m"));
    assert!(refused("\"correlation_m\": 20000", "\"correlation_m\": 1e9").contains("correlation_m"));
    assert!(refused("\"test_share\": 0.15", "\"test_share\": 0.9").contains("test_share"));
    assert!(refused("Genova", "Torino").contains("Torino"));
    assert!(matches!(World::read(b"{"), Err(Error::World(_))));
}

#[test]
fn a_world_may_be_about_other_receivers() {
    let template = world("synchronised.json");
    let station = |name: &str, latitude_deg: f64, longitude_deg: f64| Station {
        name: name.into(),
        position: heimdall_recording::Position { latitude_deg, longitude_deg },
        shared_clock: true,
        beam: None,
    };
    let near = vec![station("a", -33.90, 18.40), station("b", -33.95, 18.60), station("c", -33.80, 18.55)];
    let other = template.about("cape", near.clone()).unwrap();
    // Square, blocks and cells are as much smaller as the receivers are nearer; fields stay as rough.
    let reach = |world: &World| world.receivers_east_north_m().iter().map(|[x, y]| x.hypot(*y)).fold(0.0, f64::max);
    let ratio = reach(&other) / reach(&template);
    assert!(ratio < 0.2 && (other.extent_m / template.extent_m / ratio - 1.0).abs() < 1e-12);
    assert!((other.extent_m / other.blocks.side_m - template.extent_m / template.blocks.side_m).abs() < 1e-9);
    assert_eq!(other.shadowing.correlation_m, template.shadowing.correlation_m.min(other.extent_m));
    let fields = Fields::new(&other, 1).unwrap();
    let seen = fields.observe(Split::Test, 0);
    assert_eq!(seen.level_dbm.len(), 3);
    let read_again = World::read(&serde_json::to_vec(&other).unwrap()).unwrap();
    assert_eq!(read_again, other, "what is written can be read");

    let refused = |name: &str, stations: Vec<Station>| template.about(name, stations).unwrap_err().to_string();
    assert!(refused("cape", vec![near[0].clone()]).contains("1 km"), "of one receiver there is no size");
    assert!(refused("cape", vec![near[0].clone(), near[0].clone(), near[1].clone()]).contains("'a'"));
    assert!(refused("the cape", near).contains("'the cape'"));
}
