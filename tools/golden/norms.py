"""Norms of src/norms as PyTorch's own modules, with what differs between the two libraries' names and layouts.

A linear layer's weight is [units, inputs] in PyTorch and [inputs, units] in src/nn; weight norm's gamma keeps axes of
size 1 in PyTorch. Layer norm has a gamma per channel, which for images is PyTorch's group norm with one group."""

from torch import nn
from torch.nn.utils import spectral_norm, weight_norm

# What values are drawn from. Weights are so large that spectral norm's 1e-12, which PyTorch compares with a length
# where src/norms adds it, changes results by less than 1e-12.
RANGES = {
    "x": (-1, 3), "cotangent": (-1, 1), "gamma": (0.5, 1.5), "beta": (-0.5, 0.5),
    "weight": (-2, 2), "u": (-1, 1), "v": (-1, 1),
}

AFFINE = {"gamma": "weight", "beta": "bias"}
WEIGHT = {"gamma": "weight_g", "beta": "bias", "weight": "weight_v"}
SPECTRAL = {"weight": "weight_orig", "u": "weight_u", "v": "weight_v"}


def module(case):
    """A module in float64, and PyTorch's names of its parameters and state by those in src/norms."""
    channels, images, epsilon = case["shape"][1], len(case["shape"]) == 4, {"eps": case["epsilon"]}

    def linear(bias):
        return nn.Conv2d(channels, channels, 3, padding=1, bias=bias) if images else nn.Linear(channels, channels, bias)

    makers = {
        "layer": lambda: nn.GroupNorm(1, channels, **epsilon) if images else nn.LayerNorm(channels, **epsilon),
        "instance": lambda: nn.InstanceNorm2d(channels, affine=True, **epsilon),
        "group": lambda: nn.GroupNorm(case["groups"], channels, **epsilon),
        "weight": lambda: weight_norm(linear(True)),
        "spectral": lambda: spectral_norm(linear(False)),
    }
    names = {"weight": WEIGHT, "spectral": SPECTRAL}.get(case["norm"], AFFINE)
    return makers[case["norm"]]().double(), names


def from_torch(tensor, name):
    if name == "weight":
        return tensor.t().contiguous() if tensor.dim() == 2 else tensor
    return tensor.reshape(-1)


def to_torch(tensor, name, shape):
    return tensor.t() if name == "weight" and tensor.dim() == 2 else tensor.reshape(shape)
