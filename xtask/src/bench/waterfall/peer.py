"""Samples a second by NumPy and SciPy: the same decoding, taper, transform and pooling on one core; and milliseconds for
a second at 192 kHz to 128 two-sided mel bands in decibels by SciPy and librosa, median. A line of JSON."""

import json
import os
import time

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import librosa
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

RATE, HOP, BANDS, MEL_RUNS = 192_000, 512, 128, 40
iq = raw[: 2 * RATE].astype(np.float32).view(np.complex64) * np.float32(1 / 32768)
side = librosa.filters.mel(sr=RATE, n_fft=SIZE, n_mels=BANDS // 2, htk=True, norm=None).astype(np.float32)
bank = np.zeros((SIZE, BANDS), np.float32)
bank[: SIZE // 2, BANDS // 2 :] = side[:, :-1].T
bank[SIZE // 2 + 1 :, : BANDS // 2] = side[::-1, -2:0:-1].T


def mel_scipy():
    frames = np.lib.stride_tricks.sliding_window_view(iq, SIZE)[::HOP]
    spectra = scipy.fft.fft(frames * taper, axis=1, workers=1)
    power = spectra.real**2 + spectra.imag**2
    return 10 * np.log10(power @ bank + 1e-30)


def mel_librosa():
    """It takes real samples alone: a transform for each of the two parts is as much work as a complex one."""
    settings = dict(sr=RATE, n_fft=SIZE, hop_length=HOP, center=False, n_mels=BANDS // 2, htk=True, norm=None)
    return [librosa.power_to_db(librosa.feature.melspectrogram(y=part, **settings), top_db=None) for part in parts]


def median_ms(work):
    work()
    times = []
    for _ in range(MEL_RUNS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1e3 * sorted(times)[MEL_RUNS // 2]


parts = [np.ascontiguousarray(iq.real), np.ascontiguousarray(iq.imag)]
figures = {"numpy": numpy_speed, "scipy": scipy_speed, "mel_scipy": median_ms(mel_scipy)}
print(json.dumps({**figures, "mel_librosa": median_ms(mel_librosa), "librosa_version": librosa.__version__}))
