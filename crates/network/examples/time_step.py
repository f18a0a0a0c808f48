"""Milliseconds of a training step of the backbone that `time_step.rs` times, in PyTorch on the CPU.

    python crates/network/examples/time_step.py [BATCH] [THREADS] [STEPS]

Forward and backward pass, clipping and AdamW of timm's ConvNeXt-Atto; planes in memory, without reading and
augmentation. The head has the layers of `measured`; what it reads off the planes is simpler.
Made with torch 2.15.0 and timm 1.0.31.
"""

import statistics
import sys
import time

import timm
import torch
import torch.nn.functional as F

batch, threads, steps = [int(a) for a in sys.argv[1:]] + [16, 2, 30][len(sys.argv) - 1 :]
torch.set_num_threads(threads)
torch.manual_seed(1)
PLANES = 28


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = timm.create_model("convnext_atto", conv_mlp=False, in_chans=PLANES + 1, num_classes=0,
                                          drop_path_rate=0.1)
        self.reduce = torch.nn.Linear(320, 64)
        self.hidden = torch.nn.Sequential(torch.nn.Linear(256 + 3 * PLANES, 256), torch.nn.GELU(),
                                          torch.nn.Linear(256, 256), torch.nn.GELU())
        self.out = torch.nn.Linear(256, 5)
        self.register_buffer("column", torch.linspace(-1, 1, 128))

    def forward(self, planes):
        plane = self.column.reshape(1, 1, 128, 1).expand(len(planes), 1, 128, 32)
        cells = self.backbone.head.norm(self.backbone.forward_features(torch.cat([planes, plane], 1)))
        x = self.reduce(cells.permute(0, 2, 3, 1)).flatten(1)
        profile = planes.mean(3)
        place = (torch.softmax(30 * profile, 2) * self.column).sum(2)
        x = torch.cat([x, torch.stack([profile.mean(2), profile.amax(2), place], 2).flatten(1)], 1)
        x = self.out(self.hidden(x))
        return x[:, :2], x[:, 2:]


net = Net().train()
optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
planes, targets = torch.rand(batch, PLANES, 128, 32) * 2 - 1, torch.rand(batch, 2) * 2 - 1
times_ms = []
for _ in range(steps + 3):
    began = time.perf_counter()
    position, raw = net(planes)
    east, north = F.softplus(raw[:, 0]) + 1e-3, F.softplus(raw[:, 2]) + 1e-3
    error = targets - position
    first = error[:, 0] / east
    second = (error[:, 1] - raw[:, 1] * first) / north
    loss = (0.5 * (first**2 + second**2) + east.log() + north.log()).mean()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    times_ms.append((time.perf_counter() - began) * 1e3)
times_ms = sorted(times_ms[3:])
print(f"batch {batch}, {threads} threads: median {statistics.median(times_ms):.0f} ms of {steps} steps, "
      f"{times_ms[0]:.0f} at best")
