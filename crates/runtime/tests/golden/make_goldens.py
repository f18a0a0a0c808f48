"""Writes tiny.onnx, tiny.density.onnx and answers.json: small networks of the contract's shape, with what they answer.

Last run with onnx 1.23.2, onnxruntime 1.32.0, NumPy 2.4.6 (Python 3):
    pip install onnx onnxruntime && python make_goldens.py

The networks use the operators that the export of a trained one uses (patchify stem, one ConvNeXt block, heads), with
random weights. The planes are computed by the same formula here and in tests/cases.rs.
"""

import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

# Three receivers: three planes of levels and three of correlations.
PLANES, WIDTH, CELLS = 6, 8, 8
FOLDER = pathlib.Path(__file__).parent


def network(rng, density):
    nodes, weights = [], []

    def weight(name, *shape, scale=None):
        values = rng.standard_normal(shape) * (scale or 1.0 / np.sqrt(max(1, np.prod(shape[1:]))))
        weights.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def constant(name, value):
        weights.append(numpy_helper.from_array(np.array(value, np.float32), name))
        return name

    def add(kind, inputs, output, **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def norm(x, name):
        return add("LayerNormalization", [x, weight(name + ".w", WIDTH), weight(name + ".b", WIDTH)], name, axis=-1, epsilon=1e-6)

    def linear(x, name, inputs, outputs):
        x = add("MatMul", [x, weight(name + ".w", inputs, outputs, scale=1.0 / np.sqrt(inputs))], name + ".product")
        return add("Add", [x, weight(name + ".b", outputs, scale=0.1)], name)

    x = add("Conv", ["planes", weight("stem.w", WIDTH, PLANES, 4, 4), weight("stem.b", WIDTH)], "stem", kernel_shape=[4, 4], strides=[4, 4])
    x = norm(add("Transpose", [x], "stem.last", perm=[0, 2, 3, 1]), "stem.norm")
    y = add("Transpose", [x], "block.first", perm=[0, 3, 1, 2])
    y = add("Conv", [y, weight("block.dw.w", WIDTH, 1, 7, 7), weight("block.dw.b", WIDTH)], "block.dw", group=WIDTH, kernel_shape=[7, 7], pads=[3, 3, 3, 3])
    y = norm(add("Transpose", [y], "block.last", perm=[0, 2, 3, 1]), "block.norm")
    y = linear(y, "block.wide", WIDTH, 4 * WIDTH)
    e = add("Erf", [add("Div", [y, constant("root_of_two", np.sqrt(2.0))], "gelu.div")], "gelu.erf")
    y = add("Mul", [add("Mul", [y, add("Add", [e, constant("one", 1.0)], "gelu.add")], "gelu.mul"), constant("half", 0.5)], "gelu")
    x = add("Add", [x, linear(y, "block.narrow", 4 * WIDTH, WIDTH)], "block")
    x = add("ReduceMean", [x], "mean", axes=[1, 2], keepdims=0)
    add("Mul", [linear(x, "where", WIDTH, 2), constant("position_scale", 50e3)], "position")
    raw = linear(x, "doubt", WIDTH, 3)
    soft = add("Add", [add("Softplus", [raw], "soft"), constant("floor", 0.01)], "diagonal")

    def column(x, n):
        index = lambda name, value: weights.append(numpy_helper.from_array(np.array([value], np.int64), name)) or name
        names = [index(f"{x}.{n}.{end}", value) for end, value in [("from", n), ("to", n + 1), ("axis", 1)]]
        return add("Slice", [x, *names], f"{x}.{n}")

    factor = add("Concat", [column(soft, 0), column(raw, 1), column(soft, 2)], "factor", axis=1)
    add("Mul", [factor, constant("deviation_scale", 20e3)], "covariance")
    outputs = [("position", [2]), ("covariance", [3])]
    if density:
        logits = add("LogSoftmax", [linear(x, "cells", WIDTH, CELLS * CELLS)], "cells.log", axis=-1)
        shape = numpy_helper.from_array(np.array([-1, CELLS, CELLS], np.int64), "cells.shape")
        weights.append(shape)
        add("Reshape", [logits, "cells.shape"], "density")
        outputs.append(("density", [CELLS, CELLS]))
    value = lambda name, extents: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *extents])
    graph = helper.make_graph(nodes, "tiny", [value("planes", [PLANES, 128, 32])], [value(*output) for output in outputs], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def planes():
    state, values = 5, np.empty(PLANES * 128 * 32, np.float32)
    for n in range(len(values)):
        state = (state * 1664525 + 1013904223) % 2**32
        values[n] = (state >> 8) / 2**22 - 2.0
    return values.reshape(1, PLANES, 128, 32)


answers = {}
for name, density in [("tiny", False), ("tiny.density", True)]:
    model = network(np.random.default_rng(3), density).SerializeToString()
    (FOLDER / f"{name}.onnx").write_bytes(model)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    answer = dict(zip(names, session.run(names, {"planes": planes()})))
    answers[name] = {key: [float(f"{v:.7g}") for v in value.ravel()] for key, value in answer.items()}
(FOLDER / "answers.json").write_text(json.dumps(answers) + "\n")
