"""Makes the ONNX files of ../own-networks.md: one small network of MNIST, and what goes wrong with such networks.

    python3 make-files.py FOLDER     the folder has MNIST's four files as published, not compressed

Made with PyTorch 1.13 and onnx 1.12. Other versions give other weights, and the same answers.
"""

import copy
import sys
from pathlib import Path

import numpy
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
here = Path(__file__).parent
data = Path(sys.argv[1])


def images(split):
    """[N, 1, 28, 28] from 0 to 1, and labels [N]."""
    x = numpy.fromfile(data / f"{split}-images-idx3-ubyte", numpy.uint8)[16:].reshape(-1, 1, 28, 28)
    y = numpy.fromfile(data / f"{split}-labels-idx1-ubyte", numpy.uint8)[8:]
    return torch.from_numpy(x).float() / 255, torch.from_numpy(y).long()


train_x, train_y = images("train")
test_x, test_y = images("t10k")


class Net(nn.Module):
    """Three convolutions and a dense layer, each with a norm; 5 k parameters."""

    def __init__(self, momentum=0.1):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 5, 2, 2, bias=False)
        self.norm1 = nn.BatchNorm2d(8, momentum=momentum)
        self.conv2 = nn.Conv2d(8, 16, 3, 2, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(16, momentum=momentum)
        self.conv3 = nn.Conv2d(16, 16, 3, 2, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(16, momentum=momentum)
        self.dense = nn.Linear(256, 16, bias=False)
        self.norm4 = nn.BatchNorm1d(16, momentum=momentum)
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        x = F.relu(self.norm1(self.conv1(x)))
        x = F.relu(self.norm2(self.conv2(x)))
        x = F.relu(self.norm3(self.conv3(x)))
        x = F.relu(self.norm4(self.dense(x.flatten(1))))
        return self.head(x)


def train(net, steps, batch=64, rate=0.1, inverted=False, seed=0):
    """SGD, in random order; in white on black as MNIST is, or inverted."""
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.SGD(net.parameters(), rate, momentum=0.9)
    net.train()
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate * (1 - step / steps)
        chosen = torch.randint(len(train_x), (batch,), generator=generator)
        x = train_x[chosen]
        loss = F.cross_entropy(net(1 - x if inverted else x), train_y[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return net


def describe(name, net):
    """Test accuracy by running statistics, and by those of batches of 100."""
    accuracies = []
    for training in (False, True):
        other = copy.deepcopy(net).train(training)
        with torch.no_grad():
            right = [(other(x).argmax(1) == y).float().mean() for x, y in zip(test_x.split(100), test_y.split(100))]
        accuracies.append(float(sum(right) / len(right)))
    print(f"{name}: accuracy {accuracies[0]:.3f} in evaluation mode, {accuracies[1]:.3f} in training mode")


def export(name, net, keeps_norms=True):
    """As the recipe of inspect.md says; or as PyTorch does unless told otherwise, which folds norms away."""
    describe(name, net)
    kept = dict(training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
    torch.onnx.export(
        copy.deepcopy(net).eval(), train_x[:2], str(here / f"{name}.onnx"), opset_version=14,
        input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}, **(kept if keeps_norms else {}),
    )


torch.manual_seed(0)
healthy = train(Net(), 2000)
export("healthy", healthy)
export("norms-gone", healthy, keeps_norms=False)

# Learnt on black on white, then on white on black; one norm's statistics come from a checkpoint in between.
tuned = train(Net(), 500, inverted=True)
old = copy.deepcopy(tuned.norm2)
train(tuned, 2000, seed=1)
tuned.norm2.running_mean.copy_(old.running_mean)
tuned.norm2.running_var.copy_(old.running_var)
export("evaluation-worse", tuned)

# One batch with one infinite pixel. Mixed precision skips its step, and the weights are spared; the statistics are not.
poisoned = copy.deepcopy(healthy).train()
with torch.no_grad():
    broken = train_x[:64].clone()
    broken[3, 0, 14, 14] = float("inf")
    poisoned(broken)
export("not-a-number", poisoned)

# 0.9 is Darknet's and ONNX's word for what PyTorch calls 0.1.
torch.manual_seed(0)
export("momentum", train(Net(momentum=0.9), 2000, batch=16))

torch.manual_seed(0)
export("batch-of-two", train(Net(), 4000, batch=2, rate=0.01))
