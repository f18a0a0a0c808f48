"""Compares an exported network, run by onnxruntime, with what the crate itself says.

    cargo run --release -p heimdall-network --example export_parity -- FOLDER
    python crates/network/tests/onnx_parity.py FOLDER

Made with onnx 1.23.2 and onnxruntime 1.32.0. Ends with an error where single precision differs by more than 1e-4 of
the constellation's scale; says what half precision and eight bits of the weights change.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

SCALE_M = 50_000.0
folder = pathlib.Path(sys.argv[1])
planes = np.fromfile(folder / "planes.f32", np.float32).reshape(-1, 28, 128, 32)
expected = np.fromfile(folder / "predictions.f32", np.float32).reshape(len(planes), 5)
densities = np.fromfile(folder / "densities.f32", np.float32).reshape(len(planes), -1)
print("spread of the predictions, of the scale:", (expected.std(0) / SCALE_M).round(4))
for name, limit in (("model.onnx", 1e-4), ("model.f16.onnx", None), ("model.i8.onnx", None)):
    path = folder / name
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [i.name for i in session.get_inputs()] == ["planes"] and session.get_inputs()[0].shape[0] == "N"
    position, covariance = session.run(["position", "covariance"], {"planes": planes})
    if densities.size:
        density = session.run(["density"], {"planes": planes})[0].reshape(len(planes), -1)
        likely = densities > densities.max(1, keepdims=True) - 12.0
        apart = abs(density - densities)[likely].max()
        print(f"{name}: density of cells within 12 nepers of the densest {apart:.1e} nepers")
        assert limit is None or apart < 0.05
    alone = session.run(["position"], {"planes": planes[:1]})[0]
    parts = (position - expected[:, :2]) / SCALE_M, (covariance - expected[:, 2:]) / SCALE_M
    print(f"{name}: {path.stat().st_size} bytes; position {abs(parts[0]).max():.2e}, "
          f"covariance {abs(parts[1]).max():.2e} of the scale; one scene alone {abs(alone - position[:1]).max():.1e} m")
    if limit is not None:
        assert max(abs(part).max() for part in parts) <= limit
