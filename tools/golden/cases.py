"""What the golden files hold: each case is the whole protocol, which the file repeats for the tests to read.

Seeds were chosen by choose_seeds.py, whose docstring says how."""

VGG_LAYERS = {"initialiser": "glorot", "classes": 10, "norm": "batch", "placement": "before", "normalised": "all"}
RESNET_LAYERS = {**VGG_LAYERS, "initialiser": "he"}


def vgg(model, **settings):
    return {"model": model, **VGG_LAYERS, **settings}


def resnet(**settings):
    return {"model": "resnet20", **RESNET_LAYERS, **settings}


def mlp(**settings):
    return {"model": "mlp", **VGG_LAYERS, **settings}


def gradient(settings, images, seed, whole=False):
    """`whole`: every entry is stored; otherwise those of small tensors, and samples and projections of large ones."""
    return {"settings": settings, "images": images, "seed": seed, "whole": whole}


CIFAR = [3, 32, 32]

GRADIENTS = {
    "resnet20": gradient(resnet(width=1, activation="softplus"), [5, *CIFAR], 4),
    "resnet20-narrow": gradient(resnet(width=0.3, activation="softplus"), [7, *CIFAR], 46, whole=True),
    "resnet20-odd-images": gradient(resnet(width=0.2, activation="tanh"), [9, 3, 13, 9], 12),
    "resnet20-after": gradient(resnet(width=0.25, activation="softplus", placement="after"), [5, *CIFAR], 114),
    "resnet20-last": gradient(resnet(width=0.25, activation="tanh", normalised="last"), [5, *CIFAR], 52),
    "vgg16": gradient(vgg("vgg16", width=1, activation="softplus"), [3, *CIFAR], 19),
    "vgg16-narrow": gradient(vgg("vgg16", width=1 / 24, activation="softplus"), [5, *CIFAR], 41, whole=True),
    "vgg11-plain": gradient(vgg("vgg11", width=0.25, activation="softplus", norm="none"), [5, *CIFAR], 24),
    "vgg11-odd-images": gradient(vgg("vgg11", width=0.1, activation="tanh"), [13, 3, 13, 9], 26),
    "vgg11-after": gradient(vgg("vgg11", width=0.1, activation="softplus", placement="after"), [5, *CIFAR], 23),
    "vgg11-last": gradient(vgg("vgg11", width=0.1, activation="tanh", normalised="last"), [5, *CIFAR], 16),
    "mlp": gradient(mlp(width=0.31, activation="sigmoid"), [9, 1, 11, 7], 60, whole=True),
    "mlp-plain": gradient(mlp(width=0.31, activation="sigmoid", norm="none"), [9, 1, 11, 7], 1, whole=True),
}


def trajectory(settings, images, seed, lr, steps=8, nesterov=False, float64_only=False):
    """`float64_only`: ReLU decisions hang on rounding, so that float32 is not expected to follow, in any library."""
    optimiser = {"lr": lr, "momentum": 0.9, "weightDecay": 5e-4, "nesterov": nesterov}
    common = {"settings": settings, "images": images, "seed": seed}
    return {**common, "steps": steps, "optimiser": optimiser, "float64Only": float64_only}


HALF_RESNET = resnet(width=0.5, activation="relu")
QUARTER_VGG = vgg("vgg11", width=0.25, activation="relu")

TRAJECTORIES = {
    "resnet20": trajectory(HALF_RESNET, [8, 3, 10, 10], 4, 0.1),
    "resnet20-nesterov": trajectory(HALF_RESNET, [8, 3, 16, 16], 31, 0.1, steps=3, nesterov=True),
    "resnet20-cifar": trajectory(HALF_RESNET, [16, *CIFAR], 1, 0.1, float64_only=True),
    "vgg11": trajectory(QUARTER_VGG, [16, 3, 16, 16], 14, 0.02),
    "vgg11-nesterov": trajectory(QUARTER_VGG, [16, 3, 16, 16], 4, 0.02, steps=3, nesterov=True),
    "vgg11-cifar": trajectory(QUARTER_VGG, [16, *CIFAR], 1, 0.1, float64_only=True),
}

CURVATURES = {
    "mlp": {"settings": mlp(width=0.13, activation="tanh", norm="none"), "images": [9, 1, 5, 7], "seed": 1},
    "convolutional": {
        "settings": {"model": "convolutional", "initialiser": "glorot", "classes": 10},
        "images": [5, 3, 11, 9],
        "seed": 10,
    },
}

# Small enough for the whole Hessian; smooth, so that no decision hangs on rounding.
SPECTRA = {
    "mlp": {"settings": mlp(width=0.07, activation="tanh"), "images": [9, 1, 3, 5], "seed": 1},
    "mlp-after": {"settings": mlp(width=0.07, activation="sigmoid", placement="after"), "images": [7, 1, 3, 5], "seed": 2},
    "resnet20": {"settings": resnet(width=0.07, activation="softplus"), "images": [5, 3, 13, 9], "seed": 3},
}

BATCH_NORMS = {
    "rank2": {"shape": [7, 5], "seed": 1},
    "rank4": {"shape": [3, 5, 7, 2], "seed": 2},
}
BATCH_NORM_STEPS = 3

# Groups of five features: of three, some spread so little that PyTorch's own float32 gradients are off by 6e-6.
NORM_SHAPES = {"rank2": [7, 10], "rank4": [3, 4, 5, 2]}
NORM_NAMES = ["layer", "instance", "group", "weight", "spectral"]
NORMS = {
    f"{norm}-{rank}": {"norm": norm, "shape": shape, "groups": 2, "epsilon": 1e-5, "seed": seed}
    for seed, norm in enumerate(NORM_NAMES, 1)
    for rank, shape in NORM_SHAPES.items()
    if (norm, rank) != ("instance", "rank2")  # one value per statistic
}

STREAMS = {"draws": {"seed": 2**40 + 7, "step": 2**33 + 5}}


def convolution(x, w, strides, pads, dilations=(1, 1), group=1):
    """x [N, C, H, W], w [K, C / group, R, S], pads [top, left, bottom, right]."""
    return {"x": x, "w": w, "strides": strides, "pads": pads, "dilations": list(dilations), "group": group}


def pooling(x, kernel, strides, pads, dilations=(1, 1)):
    return {"x": x, "kernel": kernel, "strides": strides, "pads": pads, "dilations": list(dilations)}


WINDOWS = {
    "gradients": {
        "seed": 3,
        "convolutions": {
            "groups": convolution([2, 6, 5, 4], [9, 2, 3, 2], [1, 2], [1, 0, 0, 2], group=3),
            "depthwise": convolution([3, 5, 6, 7], [5, 1, 3, 3], [2, 1], [1, 1, 1, 1], group=5),
            "multiplier": convolution([2, 3, 7, 5], [6, 1, 2, 3], [1, 1], [0, 1, 2, 1], [2, 1], group=3),
            "dilated": convolution([2, 3, 9, 8], [4, 3, 3, 2], [2, 1], [1, 2, 0, 0], [2, 3]),
        },
        "maxPools": {
            "overlapping": pooling([2, 3, 7, 6], [3, 3], [2, 2], [1, 1, 1, 1]),
            "uneven": pooling([2, 2, 6, 7], [3, 2], [1, 2], [1, 0, 1, 0]),
            "apart": pooling([1, 3, 7, 8], [2, 2], [1, 3], [0, 1, 0, 1], [3, 2]),
        },
    },
}
