"""PyTorch's side of `normscope bench`: the same network in eager mode, its steps timed on request.

usage: torch-steps.py nchw|channels_last SETTINGS (one JSON object; see step-process.ts for what is asked and answered)
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

VGG = {"vgg11": (1, 1, 2, 2, 2), "vgg13": (2, 2, 2, 2, 2), "vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}
RESNET = {"resnet20": 3, "resnet32": 5, "resnet44": 7, "resnet56": 9, "resnet110": 18}
WARM_UP_STEPS = 2


def main():
    memory_format = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}[sys.argv[1]]
    settings = json.loads(sys.argv[2])
    torch.set_num_threads(settings["threads"])
    torch.manual_seed(0)
    network = build(settings).to(memory_format=memory_format).train()
    batch, classes = settings["batchSize"], settings["classes"]
    x = torch.randn(batch, *settings["imageShape"]).to(memory_format=memory_format)
    labels = torch.arange(batch) % classes
    sgd = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4)

    def timed_step():
        start = time.perf_counter()
        sgd.zero_grad(set_to_none=True)
        loss = F.cross_entropy(network(x), labels)
        loss.backward()
        sgd.step()
        loss.item()
        return time.perf_counter() - start

    parameters = sum(p.numel() for p in network.parameters())
    step_seconds = [timed_step() for _ in range(WARM_UP_STEPS)][-1]
    answer(version=torch.__version__, parameters=parameters, stepSeconds=step_seconds)
    for line in sys.stdin:
        timed_step()
        answer(seconds=[timed_step() for _ in range(json.loads(line)["steps"])])
    answer(peakBytes=peak_bytes())


def answer(**values):
    print(json.dumps(values), flush=True)


def peak_bytes():
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def build(settings):
    model, norm, channels = settings["model"], settings["norm"], settings["imageShape"][0]
    if norm not in ("none", "batch", "batch-composed"):
        raise SystemExit(f"norm {norm} has no twin in PyTorch here")
    scaled = lambda count: max(1, int(count * settings["width"] + 0.5))
    if model in VGG:
        return vgg(VGG[model], norm, channels, scaled, settings["classes"])
    if model in RESNET:
        return ResNet(RESNET[model], norm, channels, scaled, settings["classes"])
    if model == "mlp":
        return mlp(norm, settings["imageShape"], scaled, settings["classes"])
    raise SystemExit(f"model {model} has no twin in PyTorch here")


def norm_layer(norm, features, layer=nn.BatchNorm2d):
    return nn.Identity() if norm == "none" else layer(features)


def vgg(depths, norm, channels, scaled, classes):
    layers = []
    for width, depth in zip((64, 128, 256, 512, 512), depths):
        for _ in range(depth):
            layers += [nn.Conv2d(channels, scaled(width), 3, padding=1)]
            channels = scaled(width)
            layers += [norm_layer(norm, channels), nn.ReLU(inplace=True)]
        layers += [nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels, classes))


class Block(nn.Module):
    """Two convolutions and an option-A shortcut: every stride-th pixel, zeros for the new channels."""

    def __init__(self, norm, before, after, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, padding=1, bias=norm == "none")
        self.norm1 = norm_layer(norm, after)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1, bias=norm == "none")
        self.norm2 = norm_layer(norm, after)
        self.stride, self.added = stride, after - before

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)), inplace=True)
        y = self.norm2(self.conv2(y))
        if self.stride > 1 or self.added > 0:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.added))
        return F.relu(y + x, inplace=True)


class ResNet(nn.Module):
    def __init__(self, blocks, norm, channels, scaled, classes):
        super().__init__()
        width = scaled(16)
        self.conv = nn.Conv2d(channels, width, 3, padding=1, bias=norm == "none")
        self.norm = norm_layer(norm, width)
        layers = []
        for stage, published in enumerate((16, 32, 64)):
            for block in range(blocks):
                layers += [Block(norm, width, scaled(published), 2 if stage > 0 and block == 0 else 1)]
                width = scaled(published)
        self.blocks = nn.Sequential(*layers)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        x = self.blocks(F.relu(self.norm(self.conv(x)), inplace=True))
        return self.head(x.mean((2, 3)))


def mlp(norm, shape, scaled, classes):
    layers, features = [nn.Flatten()], shape[0] * shape[1] * shape[2]
    for _ in range(3):
        layers += [nn.Linear(features, scaled(100)), norm_layer(norm, scaled(100), nn.BatchNorm1d), nn.ReLU()]
        features = scaled(100)
    return nn.Sequential(*layers, nn.Linear(features, classes))


main()
