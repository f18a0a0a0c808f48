import json
import struct
import sys

import numpy
import onnx
import onnxruntime

read = sys.stdin.buffer.read
size, scenes, planes = struct.unpack("<QQQ", read(24))
model = read(size)
values = numpy.frombuffer(read(), "<f4").reshape(scenes, planes, 128, 32)
onnx.checker.check_model(model, full_check=True)
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
# A batch of many, and of one: both must be possible.
parts = [session.run(None, {"planes": part}) for part in (values[:-1], values[-1:]) if len(part)]
rows = [[numpy.asarray(output, "<f4").reshape(len(outputs[0]), -1) for output in outputs] for outputs in parts]
versions = {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}
sys.stdout.buffer.write(json.dumps(versions).encode() + b"\n")
for outputs in rows:
    sys.stdout.buffer.write(numpy.concatenate(outputs, 1).tobytes())
