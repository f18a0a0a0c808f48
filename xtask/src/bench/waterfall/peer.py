"""Samples a second by NumPy and SciPy: the same decoding, taper, transform and pooling on one core; a line of JSON."""

import json
import time

import numpy as np
import scipy.fft

SIZE, COUNT, RUNS = 2048, 1 << 22, 12
raw = np.random.default_rng(1).integers(-4096, 4096, 2 * COUNT, dtype=np.int16)
taper = np.hanning(SIZE + 1)[:-1].astype(np.float32)
taper /= taper.sum()


def picture(transform):
    """In blocks of 16 frames, which fit the processor's cache."""
    for block in raw.reshape(-1, 16, 2 * SIZE):
        samples = (block.astype(np.float32) * np.float32(1 / 32768)).view(np.complex64)
        spectra = transform(samples * taper)
        power = spectra.real**2 + spectra.imag**2
        power.sum(axis=0), power.max(axis=0)


def speed(transform):
    best = min(timed(transform) for _ in range(RUNS))
    return round(COUNT / best / 1e6, 1)


def timed(transform):
    start = time.process_time()
    picture(transform)
    return time.process_time() - start


numpy_speed = speed(lambda samples: np.fft.fft(samples, axis=1))
scipy_speed = speed(lambda samples: scipy.fft.fft(samples, axis=1, workers=1))
print(json.dumps({"numpy": numpy_speed, "scipy": scipy_speed}))
