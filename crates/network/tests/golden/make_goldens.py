"""Writes goldens.json: what PyTorch and timm say to the weights and planes that `src/golden.rs` makes by formula.

    python make_goldens.py

Made with torch 2.15.0, timm 1.0.31 and numpy 2.4.6, in double precision. The backbone is timm's own; heads, summaries
and loss are written here from docs/training.md. Weights are not stored: both sides make them from `noise`.
"""

import json
import pathlib

import numpy as np
import timm
import torch
import torch.nn.functional as F
from timm.models.convnext import ConvNeXt

torch.set_default_dtype(torch.float64)
BANDS, FRAMES = 128, 32


def noise(name, count):
    """Even on [-1, 1): FNV-1a of the name, then MurmurHash3's finaliser of name and index, upper 24 bits."""
    key = 2166136261
    for byte in name.encode():
        key = (key ^ byte) * 16777619 % 2**32
    x = (np.arange(count, dtype=np.uint64) * 0x9E3779B9 + key) % 2**32
    x ^= x >> 16
    x = x * 0x85EBCA6B % 2**32
    x ^= x >> 13
    x = x * 0xC2B2AE35 % 2**32
    x ^= x >> 16
    return (x >> 8).astype(np.float64) / 2**23 - 1.0


def weights(name, shape):
    u = noise(name, int(np.prod(shape)))
    if len(shape) > 1:
        values = u * np.sqrt(3.0 / np.prod(shape[1:]))
    elif name.endswith("gamma"):
        values = 0.5 + 0.2 * u
    elif name.endswith("inverse_deviation"):
        values = 2.0 + u
    elif name.endswith("weight"):
        values = 1.0 + 0.3 * u
    else:
        values = 0.2 * u
    # Rounded to single precision, as the network holds them.
    return torch.tensor(values.astype(np.float32).astype(np.float64).reshape(shape))


def planes_of(scenes, channels):
    return torch.tensor(noise("planes", scenes * channels * BANDS * FRAMES).reshape(scenes, channels, BANDS, FRAMES))


def with_coordinates(planes):
    column = torch.linspace(-1.0, 1.0, BANDS).reshape(1, 1, BANDS, 1)
    return torch.cat([planes, column.expand(len(planes), 1, BANDS, FRAMES)], 1)


def backbone(size, channels):
    if size == "probe":
        model = ConvNeXt(in_chans=channels, num_classes=0, depths=(1, 1, 1, 1), dims=(8, 16, 32, 64))
    else:
        model = timm.create_model(f"convnext_{size}", conv_mlp=False, in_chans=channels, num_classes=0)
    for name, parameter in model.named_parameters():
        parameter.data = weights(name, tuple(parameter.shape))
    return model.double().eval()


def summaries(planes):
    profile = planes.mean(3)
    places = torch.linspace(-1.0, 1.0, BANDS)
    place = (torch.softmax(30.0 * profile, 2) * places).sum(2)
    return torch.stack([profile.mean(2), profile.amax(2), place], 2).flatten(1)


class Net:
    """timm's backbone and a head; `parameters` holds every tensor that is trained, by name."""

    def __init__(self, size, channels, head, head_width):
        self.head = head
        self.model = backbone(size, channels + 1)
        self.width = self.model.num_features
        self.parameters = dict(self.model.named_parameters())
        inputs = self.width
        self.summary = None
        if head != "pooled":
            reduced = min(64, self.width)
            self.linear("head.reduce", reduced, self.width)
            inputs = 4 * reduced
            if head == "levels":
                count = 3 * channels
                self.summary = weights("summary.mean", (count,)), weights("summary.inverse_deviation", (count,))
                inputs += count
            self.linear("head.fc1", head_width, inputs)
            self.linear("head.fc2", head_width, head_width)
            inputs = head_width
        self.linear("position", 2, inputs)
        self.linear("uncertainty", 3, inputs)

    def linear(self, name, outputs, inputs):
        for part, shape in (("weight", (outputs, inputs)), ("bias", (outputs,))):
            tensor = weights(f"{name}.{part}", shape)
            self.parameters[f"{name}.{part}"] = tensor.requires_grad_()

    def apply(self, name, x):
        return x @ self.parameters[f"{name}.weight"].T + self.parameters[f"{name}.bias"]

    def __call__(self, planes):
        features = self.model.forward_features(with_coordinates(planes))
        if self.head == "pooled":
            x = self.model.forward_head(features)
        else:
            norm = self.parameters["head.norm.weight"], self.parameters["head.norm.bias"]
            cells = F.layer_norm(features.permute(0, 2, 3, 1), (self.width,), *norm, eps=1e-6)
            x = self.apply("head.reduce", cells).flatten(1)
            if self.summary:
                scaled = (summaries(planes) - self.summary[0]) * self.summary[1]
                x = torch.cat([x, scaled.clamp(-5.0, 5.0)], 1)
            x = F.gelu(self.apply("head.fc2", F.gelu(self.apply("head.fc1", x))))
        position, raw = self.apply("position", x), self.apply("uncertainty", x)
        diagonal = F.softplus(raw) + 1e-3
        return features, position, torch.stack([diagonal[:, 0], raw[:, 1], diagonal[:, 2]], 1)


def likelihood_loss(position, factor, targets):
    """Mean negative log-likelihood, by PyTorch's own multivariate normal."""
    rows = [torch.stack([factor[:, 0], torch.zeros(len(factor))], 1), factor[:, 1:]]
    normal = torch.distributions.MultivariateNormal(position, scale_tril=torch.stack(rows, 1))
    return -normal.log_prob(targets).mean()


def rounded(tensor):
    return [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()]


def forward_case(size, head, channels=3, scenes=2, head_width=32):
    net = Net(size, channels, head, head_width)
    features, position, factor = net(planes_of(scenes, channels))
    # (N, width, 4, 1): cells of the first scene, 40 channels evenly taken.
    step = net.width // 40
    return {
        "size": size, "head": head, "planes": channels, "scenes": scenes, "head_width": head_width,
        "largest_feature": features.abs().max().item(), "channel_step": step,
        "features": rounded(features[0, : 40 * step : step, :, 0].T),
        "position": rounded(position), "factor": rounded(factor),
    }  # fmt: skip


def gradient_case(size, head, channels=3, scenes=2, head_width=32):
    net = Net(size, channels, head, head_width)
    for parameter in net.parameters.values():
        parameter.requires_grad_()
    _, position, factor = net(planes_of(scenes, channels))
    targets = torch.tensor(noise("targets", 2 * scenes).reshape(scenes, 2))
    loss = likelihood_loss(position, factor, targets)
    loss.backward()
    tensors = {}
    for name, parameter in net.parameters.items():
        direction = torch.tensor(noise(f"direction.{name}", parameter.numel()).reshape(parameter.shape))
        tensors[name] = rounded(torch.stack([parameter.grad.norm(), (parameter.grad * direction).sum()]))
    return {
        "size": size, "head": head, "planes": channels, "scenes": scenes, "head_width": head_width,
        "loss": loss.item(), "norm_and_projection": tensors,
    }  # fmt: skip


goldens = {
    "forward": [
        forward_case("atto", "pooled"),
        forward_case("atto", "flatten"),
        forward_case("atto", "levels"),
        forward_case("femto", "levels"),
        forward_case("pico", "levels"),
        forward_case("nano", "levels"),
        forward_case("tiny", "levels"),
    ],
    "gradient": [gradient_case("probe", head) for head in ("pooled", "flatten", "levels")]
    + [gradient_case("atto", "levels")],
}
file = pathlib.Path(__file__).with_name("goldens.json")
file.write_text(json.dumps(goldens, indent=0).replace(",\n", ", ") + "\n")
