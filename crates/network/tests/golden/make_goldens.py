"""Writes goldens.json: what PyTorch and timm say to the weights and planes that `src/golden.rs` makes by formula.

    python make_goldens.py

Made with torch 2.15.0, timm 1.0.31 and numpy 2.4.6, in double precision. The backbone is timm's own; heads, measurements
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


# Middle and spread of what is no ordinary weight.
RANGES = {
    "measure.noise": (1 / 128, 0.3 / 128),
    "measure.half_lag_us": (430.0, 50.0),
    "measure.floor": (-2.0, 0.0),
    "measure.decibels": (20.0, 0.0),
    "measured.inverse_deviation": (0.04, 0.02),
    "place.receivers_km": (0.0, 40.0),
    "place.half_extent_km": (70.0, 0.0),
    "place.scale_km": (50.0, 0.0),
    "place.common_db": (50.0, 40.0),
    "place.level_db": (-50.0, 10.0),
    "place.level_variance": (3.0, 1.0),
    "place.excess_us": (2.5, 0.5),
    "place.excess_variance": (0.5, 0.2),
}


def weights(name, shape):
    u = noise(name, int(np.prod(shape)))
    if name in RANGES:
        values = RANGES[name][0] + RANGES[name][1] * u
    elif len(shape) > 1:
        values = u * np.sqrt(3.0 / np.prod(shape[1:]))
    elif name.endswith("gamma"):
        values = 0.5 + 0.2 * u
    elif name.endswith("weight"):
        values = 1.0 + 0.3 * u
    else:
        values = 0.2 * u
    # Rounded to single precision, as the network holds them.
    return torch.tensor(values.astype(np.float32).astype(np.float64).reshape(shape))


RECEIVERS = 3
PAIRS = [(a, b) for a in range(RECEIVERS) for b in range(a + 1, RECEIVERS)]
CHANNELS = RECEIVERS + len(PAIRS)
CELLS = 16
KM_PER_US = 0.299792458
BINS = (np.arange(BANDS) + 0.5) / (BANDS / 2) - 1.0


def planes_of(scenes):
    """Noise for levels; correlations with their peak where a place somewhere has it."""
    levels = noise("planes", scenes * RECEIVERS * BANDS * FRAMES).reshape(scenes, RECEIVERS, BANDS, FRAMES)
    ripple = noise("ripple", scenes * len(PAIRS) * BANDS * FRAMES).reshape(scenes, len(PAIRS), BANDS, FRAMES)
    places = 40.0 * noise("places", 2 * scenes).reshape(scenes, 1, 2)
    receivers = weights("place.receivers_km", (RECEIVERS, 2)).numpy()
    delays = np.linalg.norm(places - receivers, axis=2) / KM_PER_US
    lags = np.stack([delays[:, a] - delays[:, b] for a, b in PAIRS], 1)
    middles = lags / weights("measure.half_lag_us", (len(PAIRS),)).numpy()
    peaks = 0.9 * np.exp(-50.0 * (BINS - middles[:, :, None]) ** 2)
    pairs = peaks[..., None] + 0.02 * (1.0 + ripple)
    planes = np.concatenate([levels, pairs], 1)
    return torch.tensor(planes.astype(np.float32).astype(np.float64))


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


class Measures:
    """Level and arrival of every receiver with their weights, by the formulas of docs/training.md."""

    def __init__(self, planes):
        mel, correlograms = planes[:, :RECEIVERS], planes[:, RECEIVERS:]
        power = (10.0 ** (2.0 * mel)).mean(3)
        share = weights("measure.noise", (BANDS,))
        density = torch.log(power / share)
        noise_power = torch.exp(-torch.logsumexp(-2.0 * density, 2) / 2.0 + np.log(BANDS) / 2.0)
        total = power.sum(2)
        self.level = 10.0 * torch.log10(torch.clamp(total - noise_power, min=0.02 * total))
        self.level_weight = torch.ones_like(self.level)
        profile = correlograms.mean(3)
        weight = torch.softmax(30.0 * profile, 2)
        bins = torch.tensor(BINS)
        # Weighted least squares of a parabola, solved as it stands.
        powers = torch.stack([torch.ones_like(bins), bins, bins**2], 1)
        left = torch.einsum("npb,bi,bj->npij", weight, powers, powers)
        right = torch.einsum("npb,npb,bi->npi", weight, profile, powers)
        parabola = torch.linalg.solve(left, right)
        lag = -parabola[..., 1] / (2.0 * parabola[..., 2]) * weights("measure.half_lag_us", (len(PAIRS),))
        height = profile.amax(2) - profile.mean(2)
        lags = torch.zeros(len(planes), RECEIVERS, RECEIVERS)
        heights = torch.zeros(len(planes), RECEIVERS, RECEIVERS)
        for pair, (a, b) in enumerate(PAIRS):
            lags[:, a, b], lags[:, b, a] = lag[:, pair], -lag[:, pair]
            heights[:, a, b] = heights[:, b, a] = height[:, pair]
        self.arrival_weight = heights.amax(2) ** 4 / (heights.amax(2) ** 4 + 0.2**4)
        self.arrival = (lags * self.arrival_weight[:, None]).sum(2) / self.arrival_weight.sum(1, keepdim=True)

    def flat(self):
        return torch.cat([self.level, self.level_weight, self.arrival, self.arrival_weight], 1)

    def adjust(self, steps):
        level, level_weight, arrival, arrival_weight = steps.chunk(4, 1)
        self.level = self.level + level
        self.level_weight = self.level_weight * torch.exp(level_weight)
        self.arrival = self.arrival + 0.1 * arrival
        self.arrival_weight = self.arrival_weight * torch.exp(arrival_weight)


def statistic(name, *shape):
    return weights(f"place.{name}", shape)


def scatter(residual, weight):
    """Σ weights, weighted mean and Σ weight (residual − mean)² over the last axis of (N, G, R)."""
    weight = weight[:, None]
    count = weight.sum(2)
    mean = (residual * weight).sum(2) / count
    return count, mean, ((residual - mean[..., None]) ** 2 * weight).sum(2)


def place(measures, sharpness, deviation):
    """Posterior over cells, then Gauss–Newton; position, factor and log-probabilities."""
    half, scale = statistic("half_extent_km", 1), statistic("scale_km", 1)
    side = 2.0 * half / CELLS
    centre = (torch.arange(CELLS) + 0.5) * side - half
    cells = torch.stack([centre.repeat(CELLS), centre.repeat_interleave(CELLS)], 1)
    receivers = statistic("receivers_km", RECEIVERS, 2)
    distance = lambda places: torch.sqrt(((places[:, None] - receivers) ** 2).sum(2) + 1e-4)
    common = statistic("common_db", 2)
    variance = statistic("level_variance", CELLS**2)
    residual = measures.level[:, None] - common[0] - statistic("level_db", CELLS**2, RECEIVERS)
    count, mean, spread = scatter(residual, measures.level_weight)
    offset = common[1] + variance / count
    by_level = spread / variance + (count - 1.0).clamp(min=0.0) * torch.log(variance)
    by_level = by_level + (mean**2 / offset + torch.log(offset)) * count.clamp(max=1.0)
    excess = statistic("excess_us", CELLS**2, RECEIVERS)
    excess_variance = statistic("excess_variance", CELLS**2)
    wide = excess_variance + (side / np.sqrt(12.0) / KM_PER_US) ** 2
    count, _, spread = scatter(measures.arrival[:, None] - distance(cells) / KM_PER_US - excess, measures.arrival_weight)
    by_time = spread / wide + (count - 1.0).clamp(min=0.0) * torch.log(wide)
    density = torch.log_softmax(-0.5 * (by_level * torch.exp(sharpness) + by_time), 1)
    probability = density.exp()
    first = probability @ cells
    apart = cells - first[:, None]
    covariance = torch.einsum("ng,ngi,ngj->nij", probability, apart, apart) + torch.eye(2) * side**2 / 12.0
    prior = torch.linalg.inv(covariance)
    position, weight = first, measures.arrival_weight
    for _ in range(4):
        reading = torch.softmax(-0.5 * ((position.detach()[:, None] - cells) ** 2).sum(2) / (0.6 * side) ** 2, 1)
        share = weight / (reading @ excess_variance)[:, None]
        centred = lambda x: x - (x * weight.reshape(weight.shape + (1,) * (x.dim() - 2))).sum(1, keepdim=True) / weight.sum(
            1
        ).reshape(-1, *(1,) * (x.dim() - 1))
        away = position[:, None] - receivers
        length = torch.sqrt((away**2).sum(2) + 1e-4)
        residual = centred(measures.arrival - length / KM_PER_US - reading @ excess)
        slope = centred(away / length[..., None] / KM_PER_US)
        information = torch.einsum("nr,nri,nrj->nij", share, slope, slope) + prior
        right = torch.einsum("nr,nri,nr->ni", share, slope, residual)
        right = right + torch.einsum("nij,nj->ni", prior, first - position)
        position = position + torch.linalg.solve(information, right)
    lower = torch.linalg.cholesky(torch.linalg.inv(information)) * torch.exp(deviation) / scale
    factor = torch.stack([lower[:, 0, 0] + 1e-5, lower[:, 1, 0], lower[:, 1, 1] + 1e-5], 1)
    return position / scale, factor, density


def cells_of(targets):
    """Indices of the cells that targets, in units of the scale, lie in; the square has a side of 2.8 of them."""
    index = ((targets / 2.8 + 0.5) * CELLS).long().clamp(0, CELLS - 1)
    return index[:, 1] * CELLS + index[:, 0]


class Net:
    """timm's backbone and a head; `parameters` holds every tensor that is trained, by name."""

    def __init__(self, size, channels, head, head_width):
        self.head = head
        self.model = backbone(size, channels + 1)
        self.width = self.model.num_features
        self.parameters = dict(self.model.named_parameters())
        inputs = self.width
        if head != "pooled":
            reduced = min(64, self.width)
            self.linear("head.reduce", reduced, self.width)
            inputs = 4 * reduced
            if head == "measured":
                inputs += 4 * RECEIVERS
            self.linear("head.fc1", head_width, inputs)
            self.linear("head.fc2", head_width, head_width)
            inputs = head_width
        if head == "place":
            self.linear("place.adjust", 4 * RECEIVERS, inputs)
            for name in ("place.sharpness", "place.deviation"):
                self.parameters[name] = weights(name, (1,)).requires_grad_()
        else:
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
            if self.head == "measured":
                count = (4 * RECEIVERS,)
                scaled = Measures(planes).flat() - weights("measured.mean", count)
                x = torch.cat([x, (scaled * weights("measured.inverse_deviation", count)).clamp(-5.0, 5.0)], 1)
            x = F.gelu(self.apply("head.fc2", F.gelu(self.apply("head.fc1", x))))
        if self.head == "place":
            measures = Measures(planes)
            measures.adjust(self.apply("place.adjust", x))
            scalars = (self.parameters[f"place.{name}"] for name in ("sharpness", "deviation"))
            return features, *place(measures, *scalars)
        position, raw = self.apply("position", x), self.apply("uncertainty", x)
        diagonal = F.softplus(raw) + 1e-3
        return features, position, torch.stack([diagonal[:, 0], raw[:, 1], diagonal[:, 2]], 1), None


def likelihood_loss(position, factor, density, targets):
    """Mean negative log-likelihood, by PyTorch's own multivariate normal; that of the true cell is added."""
    rows = [torch.stack([factor[:, 0], torch.zeros(len(factor))], 1), factor[:, 1:]]
    normal = torch.distributions.MultivariateNormal(position, scale_tril=torch.stack(rows, 1))
    by_cell = 0.0 if density is None else -density.gather(1, cells_of(targets)[:, None]).mean()
    return by_cell - normal.log_prob(targets).mean()


def rounded(tensor):
    return [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()]


def forward_case(size, head, scenes=2, head_width=32):
    net = Net(size, CHANNELS, head, head_width)
    features, position, factor, density = net(planes_of(scenes))
    # (N, width, 4, 1): cells of the first scene, 40 channels evenly taken.
    step = net.width // 40
    return {
        "size": size, "head": head, "planes": CHANNELS, "scenes": scenes, "head_width": head_width,
        "largest_feature": features.abs().max().item(), "channel_step": step,
        "features": rounded(features[0, : 40 * step : step, :, 0].T),
        "position": rounded(position), "factor": rounded(factor),
        "density": [] if density is None else rounded(density[0]),
    }  # fmt: skip


def gradient_case(size, head, scenes=2, head_width=32):
    net = Net(size, CHANNELS, head, head_width)
    for parameter in net.parameters.values():
        parameter.requires_grad_()
    _, position, factor, density = net(planes_of(scenes))
    # Near the places that the planes were made from, in units of the scale.
    targets = 0.8 * noise("places", 2 * scenes) + 0.06 * noise("targets", 2 * scenes)
    targets = torch.tensor(targets.astype(np.float32).astype(np.float64).reshape(scenes, 2))
    loss = likelihood_loss(position, factor, density, targets)
    loss.backward()
    tensors = {}
    for name, parameter in net.parameters.items():
        direction = torch.tensor(noise(f"direction.{name}", parameter.numel()).reshape(parameter.shape))
        tensors[name] = rounded(torch.stack([parameter.grad.norm(), (parameter.grad * direction).sum()]))
    return {
        "size": size, "head": head, "planes": CHANNELS, "scenes": scenes, "head_width": head_width,
        "loss": loss.item(), "norm_and_projection": tensors,
    }  # fmt: skip


goldens = {
    "forward": [
        forward_case("atto", "pooled"),
        forward_case("atto", "flatten"),
        forward_case("atto", "measured"),
        forward_case("atto", "place"),
        forward_case("femto", "place"),
        forward_case("pico", "measured"),
        forward_case("nano", "measured"),
        forward_case("tiny", "measured"),
    ],
    "gradient": [gradient_case("probe", head) for head in ("pooled", "flatten", "measured", "place")]
    + [gradient_case("atto", "place")],
}
file = pathlib.Path(__file__).with_name("goldens.json")
file.write_text(json.dumps(goldens, indent=0).replace(",\n", ", ") + "\n")
