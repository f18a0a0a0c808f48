"""Writes the small files of this folder and decoded.json: their samples as other decoders read them.

Last run with NumPy 2.4.6, soundfile 0.14.0 and its libsndfile 1.2.2 (Python 3):
    pip install numpy soundfile && python make_goldens.py

WAV and RF64 are written and read back by libsndfile, the rest by NumPy.
"""

import json
import pathlib

import numpy as np
import soundfile

FOLDER = pathlib.Path(__file__).parent
FRAMES = 23
RATE = 250_000
drawn = np.random.default_rng(1)
decoded = {}


def values(channels):
    """Uniform in −1…1, with both ends."""
    array = drawn.uniform(-1, 1, (FRAMES, channels))
    array[3], array[5] = -1, 1 - 2**-20
    return array


def keep(name, channels):
    """Channels as lists of [I, Q]."""
    decoded[name] = [[[float(i), float(q)] for i, q in channel] for channel in channels]


def wav(name, channels, subtype, form="WAV"):
    path = FOLDER / name
    soundfile.write(path, values(channels), RATE, subtype=subtype, format=form)
    read, rate = soundfile.read(path, dtype="float64", always_2d=True)
    assert rate == RATE and read.shape == (FRAMES, channels)
    # Of more than two channels the first two are I and Q.
    keep(name, [read[:, :2]])


wav("pcm24.wav", 2, "PCM_24")
wav("pcm32.wav", 2, "PCM_32")
wav("float32.wav", 2, "FLOAT")
wav("float64.wav", 2, "DOUBLE")
wav("four_channels.wav", 4, "PCM_16", "WAVEX")
wav("rf64.wav", 2, "PCM_24", "RF64")

# As while a program is still recording.
endless = bytearray((FOLDER / "pcm24.wav").read_bytes())
at = endless.index(b"data") + 4
endless[at : at + 4] = b"\xff\xff\xff\xff"
endless[4:8] = b"\xff\xff\xff\xff"
(FOLDER / "endless.wav").write_bytes(endless)
keep("endless.wav", [soundfile.read(FOLDER / "endless.wav", dtype="float64")[0]])


def raw(name, dtype, channels=1):
    """Interleaved numbers; integers over half their range."""
    array = values(2 * channels)
    kind = np.dtype(dtype)
    if kind.kind == "i":
        scale = 2 ** (8 * kind.itemsize - 1)
        stored = np.clip(np.round(array * scale), -scale, scale - 1).astype(kind)
    else:
        scale, stored = 1, array.astype(kind)
    (FOLDER / name).write_bytes(stored.tobytes())
    read = np.fromfile(FOLDER / name, dtype=kind).astype("float64").reshape(FRAMES, channels, 2) / scale
    keep(name, [read[:, channel] for channel in range(channels)])


raw("raw_1M.cs16_be", ">i2")
raw("raw_1M.cs32_be", ">i4")
raw("raw_1M.cf32_be", ">f4")
raw("raw_1M.cf64_be", ">f8")


def sigmf(stem, datatype, dtype, channels):
    raw(f"{stem}.sigmf-data", dtype, channels)
    meta = {
        "global": {"core:datatype": datatype, "core:num_channels": channels, "core:sample_rate": RATE, "core:version": "1.2.0"},
        "captures": [{"core:sample_start": 0, "core:frequency": 1e6}],
        "annotations": [],
    }
    (FOLDER / f"{stem}.sigmf-meta").write_text(json.dumps(meta, indent=1) + "\n")


sigmf("three_channels", "ci16_be", ">i2", 3)
sigmf("doubles", "cf64_be", ">f8", 1)


def npy(name, dtype, order):
    array = (values(2) @ [1, 1j]).astype(dtype)
    stored = np.asarray([array, array[::-1]], order=order)
    np.save(FOLDER / name, stored)
    read = np.load(FOLDER / name).astype("complex128")
    keep(name, [np.stack([row.real, row.imag], axis=1) for row in read])


npy("big_endian.npy", ">c16", "C")
npy("fortran.npy", "<c8", "F")

lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(decoded[name])}" for name in sorted(decoded))
(FOLDER / "decoded.json").write_text("{\n" + lines + "\n}\n")
