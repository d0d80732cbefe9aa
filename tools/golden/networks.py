"""The networks of src/models in PyTorch's own functions, with parameters under the names that normscope gives them.

Where the two conventions differ: a dense weight is [in, out] here and is transposed for F.linear; option-A shortcuts
take every second pixel and append zero channels at the end; ResNets have no convolution biases before a batch norm, VGGs
keep theirs; an image smaller than the pooling window is left as it is."""

import math

import torch
import torch.nn.functional as F

import philox

VGG = {"vgg11": (1, 1, 2, 2, 2), "vgg16": (2, 2, 3, 3, 3)}
RESNET = {"resnet20": 3}
ACTIVATIONS = {
    "relu": F.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    # PyTorch's default replaces softplus by the identity above 20, an error of 2e-9.
    "softplus": lambda x: F.softplus(x, threshold=100),
}


def scaled(count, width):
    return max(1, math.floor(count * width + 0.5))


class Network:
    """Parameters and running statistics by name, made at first use; `train` says which statistics normalise."""

    def __init__(self, seed, dtype, settings, jitter=0.0):
        self.seed, self.dtype, self.settings, self.jitter = seed, dtype, settings, jitter
        self.parameters, self.state, self.pooled = {}, {}, []
        self.vanishing = []
        self.train = True
        self.layer_index = 0

    def parameter(self, name, shape, draw):
        if name not in self.parameters:
            count = math.prod(shape)
            values = draw(lambda n: philox.words(self.seed, "init", name, n), count)
            tensor = torch.from_numpy(values.reshape(shape)).to(self.dtype)
            self.parameters[name] = tensor.requires_grad_(True)
        return self.parameters[name]

    def weight(self, name, shape, fan_in, fan_out):
        if self.settings["initialiser"] == "he":
            draw = lambda stream, n: philox.normal(stream, n, math.sqrt(2 / fan_in))
        else:
            limit = math.sqrt(6 / (fan_in + fan_out))
            draw = lambda stream, n: philox.uniform(stream, n, -limit, limit)
        return self.parameter(name, shape, draw)

    def around(self, name, size, centre):
        """Biases, gammas and betas: moved off their initial constant where no gradient is to be special."""
        low, high = centre - self.jitter, centre + self.jitter
        return self.parameter(name, [size], lambda stream, n: philox.uniform(stream, n, low, high))

    def conv(self, name, x, channels, bias, stride=1):
        fan = x.shape[1] * 9, channels * 9
        weight = self.weight(f"{name}/weight", [channels, x.shape[1], 3, 3], *fan)
        return F.conv2d(x, weight, self.around(f"{name}/bias", channels, 0) if bias else None, stride, padding=1)

    def dense(self, name, x, units):
        weight = self.weight(f"{name}/weight", [x.shape[1], units], x.shape[1], units)
        return F.linear(x, weight.t(), self.around(f"{name}/bias", units, 0))

    def batch_norm(self, name, x, momentum=0.1, eps=1e-5):
        size = x.shape[1]
        gamma, beta = self.around(f"{name}/gamma", size, 1), self.around(f"{name}/beta", size, 0)
        for key, value in (("runningMean", 0.0), ("runningVariance", 1.0)):
            self.state.setdefault(f"{name}/{key}", torch.full([size], value, dtype=self.dtype))
        running = self.state[f"{name}/runningMean"], self.state[f"{name}/runningVariance"]
        return F.batch_norm(x, *running, gamma, beta, self.train, momentum, eps)

    def max_pool(self, x):
        if min(x.shape[2:]) < 2:
            return x
        self.pooled.append(x.detach())
        return F.max_pool2d(x, 2)

    def normalises(self, hidden_layers):
        """Whether the hidden layer that is next has a norm."""
        s = self.settings
        return s["norm"] != "none" and (s["normalised"] == "all" or self.layer_index + 1 == hidden_layers)

    def finish(self, name, x, hidden_layers, residual=None):
        """Norm, residual, activation; with placement 'after' the norm comes last."""
        s = self.settings
        normalise = self.normalises(hidden_layers)
        self.layer_index += 1
        if normalise and s["placement"] == "before":
            x = self.batch_norm(f"{name}/norm", x)
            # A constant added before a batch norm is subtracted again: its gradient is zero in theory.
            self.vanishing.append(f"{name}/bias")
        if residual is not None:
            x = x + residual
        x = ACTIVATIONS[s["activation"]](x)
        return self.batch_norm(f"{name}/norm", x) if normalise and s["placement"] == "after" else x

    def logits(self, x):
        self.layer_index, self.pooled, self.vanishing = 0, [], []
        model = self.settings["model"]
        build = self.vgg if model in VGG else self.resnet if model in RESNET else getattr(self, model)
        result = build(x)
        self.vanishing = [name for name in self.vanishing if name in self.parameters]
        return result

    def loss(self, x, labels):
        return F.cross_entropy(self.logits(x), labels)

    def vgg(self, x):
        depths, width = VGG[self.settings["model"]], self.settings["width"]
        index = 0
        for channels, depth in zip((64, 128, 256, 512, 512), depths):
            for _ in range(depth):
                index += 1
                name = f"conv{index}"
                x = self.finish(name, self.conv(name, x, scaled(channels, width), True), sum(depths))
            x = self.max_pool(x)
        return self.dense("head", x.flatten(1), self.settings["classes"])

    def resnet(self, x):
        blocks, width = RESNET[self.settings["model"]], self.settings["width"]
        layers = 6 * blocks + 1

        def layer(name, x, channels, stride=1, residual=None):
            bias = self.settings["placement"] == "after" or not self.normalises(layers)
            return self.finish(name, self.conv(name, x, channels, bias, stride), layers, residual)

        x = layer("conv1", x, scaled(16, width))
        for stage, published in enumerate((16, 32, 64)):
            channels = scaled(published, width)
            for b in range(blocks):
                name = f"stage{stage + 1}/block{b + 1}"
                stride = 2 if stage > 0 and b == 0 else 1
                skip = F.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, channels - x.shape[1]))
                x = layer(f"{name}/conv2", layer(f"{name}/conv1", x, channels, stride), channels, 1, skip)
        return self.dense("head", x.mean((2, 3)), self.settings["classes"])

    def convolutional(self, x):
        """Convolution, batch norm and tanh three times: with max-pooling, plain, with a stride of 2; a linear head."""
        block = lambda name, x, channels, stride=1: torch.tanh(
            self.batch_norm(f"{name}/norm", self.conv(name, x, channels, False, stride))
        )
        x = block("conv2", self.max_pool(block("conv1", x, 4)), 5)
        return self.dense("head", block("conv3", x, 6, 2).flatten(1), self.settings["classes"])

    def mlp(self, x):
        x = x.flatten(1)
        for i in (1, 2, 3):
            x = self.finish(f"dense{i}", self.dense(f"dense{i}", x, scaled(100, self.settings["width"])), 3)
        return self.dense("head", x, self.settings["classes"])


def batch(seed, shape, classes, dtype, step=0):
    """Images that can be learnt: each class has a pattern, and each image is its class's with half as much noise."""
    stream = lambda layer, step=0: lambda n: philox.words(seed, "noise", layer, n, step)
    labels = philox.integers(stream("labels", step), shape[0], classes)
    patterns = philox.normal(stream("patterns"), classes * math.prod(shape[1:])).reshape(classes, *shape[1:])
    noise = philox.normal(stream("images", step), math.prod(shape), 0.5).reshape(shape)
    return torch.from_numpy(noise + patterns[labels]).to(dtype), torch.from_numpy(labels)
