"""Writes spectra.json, the expected values of tests/spectra.rs.

Last run with librosa 0.11.0, SciPy 1.17.1, NumPy 2.4.6 (Python 3):
    pip install librosa && python make_goldens.py

The input is computed by the same formula here and in tests/spectra.rs, so no samples are stored.
"""

import json
import pathlib

import librosa
import numpy as np
import scipy.signal


def noise(count, seed):
    """Uniform noise in −0.5…0.5 of a 32-bit linear congruential generator."""
    values = np.empty(count)
    state = seed
    for n in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        values[n] = (state >> 8) / 2**24 - 0.5
    return values


def test_signal(count):
    """A chirp over the whole band, two tones and noise."""
    n = np.arange(count)
    drawn = noise(2 * count, 12345)
    return (
        0.4 * np.exp(1j * np.pi * (n * n / count - n))
        + 0.2 * np.exp(2j * np.pi * 0.1234 * n)
        + 0.05 * np.exp(-2j * np.pi * 0.31 * n)
        + 0.1 * (drawn[0::2] + 1j * drawn[1::2])
    )


def decibels(power):
    """Frame after frame, to 1e-5 dB."""
    return np.round(10 * np.log10(power), 5).T.ravel().tolist()


def stft_cases():
    windows = {
        "hann": "hann",
        "hamming": "hamming",
        "blackman_harris": "blackmanharris",
        "kaiser": ("kaiser", 8.6),
    }
    for name, window in windows.items():
        for size, hop in [(64, 24), (75, 75)]:
            _, _, power = scipy.signal.spectrogram(
                test_signal(256),
                window=window,
                nperseg=size,
                noverlap=size - hop,
                detrend=False,
                return_onesided=False,
                scaling="spectrum",
            )
            yield {
                "window": {"kaiser": {"beta": 8.6}} if name == "kaiser" else name,
                "fft_size": size,
                "hop": hop,
                "power_dbfs": decibels(np.fft.fftshift(power, axes=0)),
            }


def one_sided_mel_cases():
    samples = test_signal(1536).real
    window_sum = scipy.signal.get_window("hann", 512).sum()
    for htk in [True, False]:
        for norm in [None, "slaney"]:
            for low_hz, high_hz in [(0.0, None), (300.0, 6000.0)]:
                power = librosa.feature.melspectrogram(
                    y=samples, sr=16000, n_fft=512, hop_length=256, window="hann", center=False,
                    power=2.0, n_mels=24, fmin=low_hz, fmax=high_hz, htk=htk, norm=norm,
                    dtype=np.float64,
                )
                yield {
                    "scale": "htk" if htk else "slaney",
                    "area_normalised": norm == "slaney",
                    "low_hz": low_hz,
                    "high_hz": high_hz,
                    "power_dbfs": decibels(power / window_sum**2),
                }


def two_sided_mel():
    """The default settings: librosa's filters on |f| of each half of the spectrum."""
    size, hop, half = 2048, 512, 64
    samples = test_signal(size + 2 * hop)
    window = scipy.signal.get_window("hann", size)
    frames = [samples[start : start + size] for start in range(0, 2 * hop + 1, hop)]
    power = np.abs(np.fft.fft(np.array(frames) * window / window.sum())).T ** 2
    filters = librosa.filters.mel(
        sr=192000, n_fft=size, n_mels=half, htk=True, norm=None, dtype=np.float64
    )
    # Bins 0, 1, … N/2 and 0, −1, … −N/2; the one at N/2 has no weight.
    above = filters @ power[: size // 2 + 1]
    below = filters @ power[(-np.arange(size // 2 + 1)) % size]
    return decibels(np.concatenate([below[::-1], above]))


golden = {
    "stft": list(stft_cases()),
    "one_sided_mel": list(one_sided_mel_cases()),
    "two_sided_mel_dbfs": two_sided_mel(),
}
path = pathlib.Path(__file__).with_name("spectra.json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
