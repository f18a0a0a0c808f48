//! Is a WAV file IQ, or is it sound?

use crate::bytes::Bytes;
use crate::draft::Draft;
use crate::statistics;

/// Rates that sound cards and players use, Hz.
const AUDIO_RATES_HZ: [f64; 14] = [
    8000.0, 11_025.0, 12_000.0, 16_000.0, 22_050.0, 24_000.0, 32_000.0, 44_100.0, 48_000.0, 64_000.0, 88_200.0,
    96_000.0, 176_400.0, 192_000.0,
];

/// Asks whether this is IQ where it has one channel, where it has an audio rate and no sign of a
/// radio, or where its two channels carry the same.
pub(super) fn question(draft: &mut Draft, bytes: &Bytes, rate_hz: f64, radio: bool) {
    if draft.layout.q_channel.is_none() {
        draft.ask_iq = true;
        draft.notices.push("One channel only: this is sound, not IQ".into());
        return;
    }
    if draft.layout.channels > 2 {
        let channels = draft.layout.channels;
        draft.notices.push(format!("Of {channels} channels the first two are taken as I and Q"));
    }
    let alike = statistics::channels_alike(&draft.layout, bytes.name, bytes.source);
    let sounds = !radio && AUDIO_RATES_HZ.contains(&rate_hz);
    if sounds || alike {
        draft.ask_iq = true;
    }
    if sounds {
        draft
            .notices
            .push(format!("This looks like audio: {rate_hz} samples per second and nothing that names a frequency"));
    }
    if alike {
        draft.notices.push("Both channels carry nearly the same, as in audio and not as in IQ".into());
    }
}
