"""Writes planes.json, the expected values of tests/parity.rs.

Last run with librosa 0.11.0, SciPy 1.17.1, NumPy 2.4.6 (Python 3):
    pip install librosa && python make_goldens.py

The input is computed by the same formula here and in tests/parity.rs, so no samples are stored. Lags are
interpolated through one long Fourier transform here and by a short kernel in the crate.
"""

import json
import pathlib

import librosa
import numpy as np
import scipy.signal

NOMINAL_HZ = 192000.0
SEGMENTS, ROWS = 32, 128
COLUMNS = [0, 5, 13, 21, 30, 31]
# Two receivers on the equator: their distance is the arc.
LONGITUDES_DEG = [10.0, 11.35]
SPAN_S = 1.1 * 6378137.0 * np.radians(LONGITUDES_DEG[1] - LONGITUDES_DEG[0]) / 299792458.0
RECEIVERS = [
    {"rate": 192000.0, "start": 0.0, "delay": 0.0, "gain": 0.2, "full_scale": -20.0, "seed": 1},
    {"rate": 192003.0, "start": 0.0017, "delay": 213.4e-6, "gain": 0.05, "full_scale": -25.0, "seed": 2},
]


def uniform(count, seed):
    """Uniform noise in −0.5…0.5 of a 32-bit linear congruential generator."""
    values = np.empty(count)
    state = seed
    for n in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        values[n] = (state >> 8) / 2**24 - 0.5
    return values


def heard(receiver):
    """24 tones within ±70 kHz, delayed, and noise of the receiver's own."""
    count = 192000
    time = receiver["start"] + np.arange(count) / receiver["rate"] - receiver["delay"]
    drawn = uniform(48, 7)
    tones = sum(
        np.exp(2j * np.pi * (140e3 * drawn[2 * k] * time + drawn[2 * k + 1])) for k in range(24)
    )
    noise = uniform(2 * count, receiver["seed"])
    samples = receiver["gain"] * (tones / 5 + 0.05 * (noise[0::2] + 1j * noise[1::2]))
    return samples.astype(np.complex64).astype(np.complex128)


def levels(samples, receiver):
    size, hop = 2048, 512
    window = scipy.signal.get_window("hann", size)
    starts = np.arange(0, len(samples) - size + 1, hop)
    frames = np.array([samples[start : start + size] for start in starts])
    power = np.abs(np.fft.fft(frames * window / window.sum())) ** 2
    middles = receiver["start"] + (starts + size / 2) / receiver["rate"]
    column = np.floor(middles * SEGMENTS).astype(int)
    pooled = np.array([power[column == index].mean(axis=0) for index in COLUMNS]).T
    filters = librosa.filters.mel(
        sr=receiver["rate"], n_fft=size, n_mels=ROWS // 2, fmax=NOMINAL_HZ / 2, htk=True, norm=None,
        dtype=np.float64,
    )
    above = filters @ pooled[: size // 2 + 1]
    below = filters @ pooled[(-np.arange(size // 2 + 1)) % size]
    level = 10 * np.log10(np.concatenate([below[::-1], above])) + receiver["full_scale"]
    return (np.maximum(level, -160) + 120) / 20


def segment(samples, receiver, index):
    """The segment's samples and how late its middle is."""
    length = round(NOMINAL_HZ / SEGMENTS)
    exact = ((index + 0.5) / SEGMENTS - receiver["start"]) * receiver["rate"] - length / 2
    first = int(np.floor(exact + 0.5))
    cut = np.zeros(length, complex)
    low, high = max(first, 0), min(first + length, len(samples))
    cut[low - first : high - first] = samples[low:high]
    return cut, (first - exact) / receiver["rate"]


def correlogram(a, b):
    points, length = 8, 16384
    columns = []
    for index in COLUMNS:
        (left, left_late), (right, right_late) = (
            segment(samples, receiver, index) for samples, receiver in zip((a, b), RECEIVERS)
        )
        product = np.fft.fft(left, length) * np.conj(np.fft.fft(right, length))
        dense = np.zeros(points * length, complex)
        dense[: length // 2] = product[: length // 2]
        dense[-length // 2 :] = product[length // 2 :]
        value = np.abs(np.fft.fftshift(np.fft.ifft(dense))) * points
        value /= np.linalg.norm(left) * np.linalg.norm(right)
        edges = np.linspace(-SPAN_S, SPAN_S, ROWS + 1) - (left_late - right_late)
        edges = edges * NOMINAL_HZ * points + points * length / 2
        at_edges = np.interp(edges, np.arange(len(value)), value)
        columns.append([
            max(at_edges[row], at_edges[row + 1], value[int(np.ceil(low)) : int(np.floor(high)) + 1].max(initial=0))
            for row, (low, high) in enumerate(zip(edges[:-1], edges[1:]))
        ])
    return np.array(columns).T


first, second = (heard(receiver) for receiver in RECEIVERS)
planes = [levels(first, RECEIVERS[0]), levels(second, RECEIVERS[1]), correlogram(first, second)]
golden = {"columns": COLUMNS, "planes": [np.round(plane, 6).ravel().tolist() for plane in planes]}
path = pathlib.Path(__file__).with_name("planes.json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
