//! Chunks in which receivers' programs keep frequency and time.

use crate::bytes::Fields;
use crate::draft::{Clock, Draft};
use crate::gps_time::NS_PER_S;
use crate::time_text::utc_ns;
use crate::{Fact, Origin, TimeGrade};

/// Sample rates of the Perseus receiver by index, Hz.
const PERSEUS_RATES_HZ: [f64; 5] = [125e3, 250e3, 500e3, 1e6, 2e6];

/// Adds `auxi` as SpectraVue defined it and HDSDR, SDRuno and others write it: SYSTEMTIME of start
/// and stop, centre frequency at offset 32. True where it was one.
pub(super) fn add_auxi(draft: &mut Draft, payload: &[u8]) -> bool {
    draft.container = "WAV with auxi".into();
    if payload.starts_with(b"<") {
        return add_auxi_xml(draft, payload);
    }
    if payload.len() < 36 {
        draft.notices.push(format!("An \"auxi\" chunk of {} bytes is ignored", payload.len()));
        return false;
    }
    let field = |index: usize| i64::from(payload.u16_at(2 * index));
    let date = [field(0), field(1), field(3)];
    let start = utc_ns(date, [field(4), field(5), field(6)], field(7) * 1_000_000);
    if let Some(start) = start.filter(|start| *start > 0) {
        draft.start_time_unix_ns = Some(Fact::new(start, Origin::Header));
        let reason = "The header's time is a computer's clock in milliseconds";
        draft.clock = Some(Clock::new(TimeGrade::Ntp, reason));
    }
    set_center(draft, f64::from(payload.u32_at(32)));
    true
}

/// SDR Console writes XML in UTF-16 instead.
fn add_auxi_xml(draft: &mut Draft, payload: &[u8]) -> bool {
    let text: String = payload.iter().filter(|byte| **byte != 0).map(|b| char::from(*b)).collect();
    let value = |key: &str| {
        let (_, rest) = text.split_once(&format!("{key}=\""))?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    let center = value("RadioCenterFreq").and_then(|text| text.parse().ok());
    set_center(draft, center.unwrap_or(0.0));
    center.is_some()
}

/// Adds `rcvr` of the Perseus: centre frequency, rate index, seconds since 1970. True where it was one.
pub(super) fn add_rcvr(draft: &mut Draft, payload: &[u8]) -> bool {
    if payload.len() < 12 {
        draft.notices.push(format!("A \"rcvr\" chunk of {} bytes is ignored", payload.len()));
        return false;
    }
    draft.container = "Perseus WAV".into();
    set_center(draft, f64::from(payload.u32_at(0)));
    let rate = usize::try_from(payload.u32_at(4)).ok().and_then(|i| PERSEUS_RATES_HZ.get(i));
    if let Some(rate_hz) = rate {
        draft.sample_rate_hz = Some(Fact::new(*rate_hz, Origin::Header));
    }
    let start_s = i64::from(payload.u32_at(8));
    if start_s > 0 {
        draft.start_time_unix_ns = Some(Fact::new(start_s * NS_PER_S, Origin::Header));
        let reason = "The header's time is a computer's clock in whole seconds";
        draft.clock = Some(Clock::new(TimeGrade::Ntp, reason));
    }
    true
}

fn set_center(draft: &mut Draft, center_hz: f64) {
    if center_hz > 0.0 {
        draft.center_frequency_hz = Some(Fact::new(center_hz, Origin::Header));
    }
}
