//! held-out.json: what is read, and what is refused in which words.

use heimdall_model::HeldOut;

fn text(scene: &str) -> Vec<u8> {
    format!(r#"{{"method":"network","world":"hills","scenes":[{scene}]}}"#).into_bytes()
}

#[test]
fn scenes_are_read_with_their_places() -> Result<(), heimdall_model::Error> {
    let held_out = HeldOut::parse(&text(r#"{"lat":45.1,"lon":7.8,"error_m":1234.5,"confidence":0.43}"#))?;
    let found = held_out.scenes.first().map(|scene| (scene.position().latitude_deg, scene.error_m));
    assert_eq!((held_out.world.as_str(), found), ("hills", Some((45.1, 1234.5))));
    Ok(())
}

#[test]
fn a_scene_that_makes_no_sense_is_named() {
    let sound = r#"{"lat":45.1,"lon":7.8,"error_m":10.0,"confidence":0.5}"#;
    for broken in [
        r#"{"lat":95.0,"lon":7.8,"error_m":10.0,"confidence":0.5}"#,
        r#"{"lat":45.1,"lon":7.8,"error_m":-1.0,"confidence":0.5}"#,
        r#"{"lat":45.1,"lon":7.8,"error_m":10.0,"confidence":1.5}"#,
    ] {
        let message = HeldOut::parse(&text(&format!("{sound},{broken}"))).map_err(|error| error.to_string());
        assert!(message.as_ref().is_err_and(|text| text.contains("scene 1") && text.ends_with("held-out.json")));
    }
    assert!(HeldOut::parse(b"[]").is_err_and(|error| error.to_string().ends_with("held-out.json")));
}

#[test]
fn quantiles_lie_between_scenes() -> Result<(), heimdall_model::Error> {
    let scene = |error_m: f64| format!(r#"{{"lat":45.1,"lon":7.8,"error_m":{error_m},"confidence":0.5}}"#);
    let scenes: Vec<String> = [30.0, 10.0, 20.0, 40.0].map(scene).into();
    let held_out = HeldOut::parse(&text(&scenes.join(",")))?;
    // NumPy's default: numpy.quantile([10, 20, 30, 40], [0.5, 0.9, 1]).
    let quantile = |share| held_out.error_quantile_m(share).unwrap_or_default();
    assert!((quantile(0.5) - 25.0).abs() < 1e-9 && (quantile(0.9) - 37.0).abs() < 1e-9);
    assert!((quantile(1.0) - 40.0).abs() < 1e-9);
    assert_eq!(HeldOut::parse(&text(""))?.error_quantile_m(0.5), None);
    Ok(())
}
