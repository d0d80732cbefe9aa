"""Writes test/oracle/golden: what PyTorch computes in float64, for the tests in test/oracle to compare with.

python3 tools/golden/generate.py [only files whose names start so]"""

import sys

import torch
import torch.nn.functional as F

import cases
import golden
import norms
import philox
from choose_seeds import JITTER, gradients, losses, pooling_margin, sensitivity, single_precision_error
from networks import Network, batch

FLOAT = torch.float64

# What choose_seeds.py looked for.
MARGIN_NEEDED = 8
ERROR_ALLOWED = 6e-6
SENSITIVITY_ALLOWED = 1e-5


def gradient_case(name, case):
    network, loss, found = gradients(case, FLOAT)
    network.train = False
    evaluation = network.loss(*batch(case["seed"], case["images"], case["settings"]["classes"], FLOAT, 1))
    largest = max(float(g.abs().max()) for g in found.values())
    for key in network.vanishing:
        assert float(found[key].abs().max()) < 1e-12 * largest, key
    margin, error = pooling_margin(case), single_precision_error(case)
    assert margin > MARGIN_NEEDED and error < ERROR_ALLOWED, (name, margin, error)
    golden.write("gradients", name, case, {
        "loss": loss.item(),
        "evaluationLoss": evaluation.item(),
        "vanishing": network.vanishing,
        "largest": largest,
        "gradients": golden.summary(found, case["seed"], case["whole"]),
    })
    return f"loss {loss.item():.6g}, pooling margin {margin:.3g}, error of float32 {error:.2g}"


def trajectory_case(name, case):
    found, spread = losses(case, FLOAT), sensitivity(case)
    assert case["float64Only"] or spread < SENSITIVITY_ALLOWED, (name, spread)
    golden.write("trajectory", name, case, {"losses": found})
    return f"losses {' '.join(f'{x:.5g}' for x in found)}, sensitivity {spread:.2g}"


def curvature_case(name, case):
    network = Network(case["seed"], FLOAT, case["settings"], JITTER)
    loss = network.loss(*batch(case["seed"], case["images"], case["settings"]["classes"], FLOAT))
    parameters = network.parameters
    vectors = {
        key: torch.from_numpy(philox.normal(lambda n: philox.words(case["seed"], "probe", key, n), p.numel()))
        .reshape(p.shape)
        .to(FLOAT)
        for key, p in parameters.items()
    }
    gradients = torch.autograd.grad(loss, list(parameters.values()), create_graph=True)
    slope = sum((g * v).sum() for g, v in zip(gradients, vectors.values()))
    products = torch.autograd.grad(slope, list(parameters.values()))
    margin = pooling_margin(case)
    assert margin > MARGIN_NEEDED, (name, margin)
    golden.write("curvature", name, case, {
        "loss": loss.item(),
        "products": {key: golden.array(h) for key, h in zip(parameters, products)},
    })
    return f"loss {loss.item():.6g}, pooling margin {margin:.3g}"


def spectrum_case(name, case):
    """The whole Hessian in training mode, column by column, and what curvature is measured by."""
    network = Network(case["seed"], FLOAT, case["settings"], JITTER)
    loss = network.loss(*batch(case["seed"], case["images"], case["settings"]["classes"], FLOAT))
    parameters = network.parameters
    flat = lambda tensors: torch.cat([t.reshape(-1) for t in tensors])
    gradient = flat(torch.autograd.grad(loss, list(parameters.values()), create_graph=True))
    column = lambda i: flat(torch.autograd.grad(gradient[i], list(parameters.values()), retain_graph=True))
    hessian = torch.stack([column(i) for i in range(gradient.numel())])
    asymmetry = float((hessian - hessian.T).abs().max() / hessian.abs().max())
    assert asymmetry < 1e-12, (name, asymmetry)
    places = torch.arange(gradient.numel()).split([p.numel() for p in parameters.values()])
    blocks = {
        key: torch.linalg.eigvalsh(hessian[place][:, place])[-1].item() for key, place in zip(parameters, places)
    }
    g = gradient.detach()
    values = torch.linalg.eigvalsh(hessian)
    golden.write("spectrum", name, case, {
        "loss": loss.item(),
        "parameters": {key: list(p.shape) for key, p in parameters.items()},
        "eigenvalues": golden.array(values),
        "trace": torch.trace(hessian).item(),
        "alongGradient": (g @ hessian @ g / (g @ g)).item(),
        "blocks": blocks,
    })
    return f"{g.numel()} parameters, eigenvalues {values[0]:.4g} to {values[-1]:.4g}, asymmetry {asymmetry:.1g}"


def uniform(seed, layer, size, low, high, step=0):
    stream = lambda n: philox.words(seed, "noise", layer, n, step)
    return torch.from_numpy(philox.uniform(stream, size, low, high)).to(FLOAT)


def batch_norm_case(name, case):
    """Three batches in training mode, each with its backward pass from a random cotangent; then evaluation mode."""
    shape, seed = case["shape"], case["seed"]
    draw = lambda *settings: uniform(seed, *settings)
    count = torch.Size(shape).numel()
    gamma, beta = (draw("gamma", shape[1], 0.5, 1.5), draw("beta", shape[1], -0.5, 0.5))
    mean, variance = torch.zeros(shape[1], dtype=FLOAT), torch.ones(shape[1], dtype=FLOAT)
    results = {}
    for step in range(cases.BATCH_NORM_STEPS + 1):
        training = step < cases.BATCH_NORM_STEPS
        leaves = [t.clone().requires_grad_(True) for t in (draw("x", count, -1, 3, step).reshape(shape), gamma, beta)]
        cotangent = draw("cotangent", count, -1, 1, step).reshape(shape)
        y = F.batch_norm(leaves[0], mean, variance, *leaves[1:], training, 0.1, 1e-5)
        y.backward(cotangent)
        parts = {"y": y, "dx": leaves[0].grad, "dgamma": leaves[1].grad, "dbeta": leaves[2].grad}
        results[f"step{step}" if training else "evaluation"] = {k: golden.array(v) for k, v in parts.items()}
    results["running"] = {"mean": golden.array(mean), "variance": golden.array(variance)}
    golden.write("batch-norm", name, {**case, "steps": cases.BATCH_NORM_STEPS}, results)
    return f"{cases.BATCH_NORM_STEPS} steps"


def norm_case(name, case):
    """One batch in training mode and, where the norm has state, the next state and the batch in evaluation mode; each
    with its backward pass from a random cotangent."""
    module, names = norms.module(case)
    draw = lambda of, shape: uniform(case["seed"], of, torch.Size(shape).numel(), *norms.RANGES[of]).reshape(shape)
    for ours, theirs in names.items():
        tensor = getattr(module, theirs).data
        tensor.copy_(norms.to_torch(draw(ours, norms.from_torch(tensor, ours).shape), ours, tensor.shape))
    states = {ours: theirs for ours, theirs in names.items() if theirs in dict(module.named_buffers())}
    results = {}
    for mode in ["train", "evaluation"] if states else ["train"]:
        module.train(mode == "train")
        module.zero_grad()
        x = draw("x", case["shape"]).requires_grad_(True)
        y = module(x)
        y.backward(draw("cotangent", case["shape"]))
        gradients = {
            f"d{ours}": norms.from_torch(getattr(module, theirs).grad, ours)
            for ours, theirs in names.items() if ours not in states
        }
        results[mode] = {key: golden.array(t) for key, t in {"y": y, "dx": x.grad, **gradients}.items()}
        if states and mode == "train":
            results["next"] = {ours: golden.array(getattr(module, theirs)) for ours, theirs in states.items()}
    golden.write("norm", name, case, results)
    return " ".join(results)


def windows_case(name, case):
    """Convolutions and max-pools, each with its backward pass from a random cotangent; padded apart, since PyTorch pads
    both sides alike."""
    results = {}
    for key, c in (case["convolutions"] | case["maxPools"]).items():
        draw = lambda of, shape: uniform(case["seed"], f"{key}/{of}", torch.Size(shape).numel(), -1, 1).reshape(shape)
        leaves = {of: draw(of, c[of]).requires_grad_(True) for of in ("x", "w") if of in c}
        top, left, bottom, right = c["pads"]
        padded = F.pad(leaves["x"], (left, right, top, bottom), value=0.0 if "w" in c else -float("inf"))
        if "w" in c:
            y = F.conv2d(padded, leaves["w"], None, c["strides"], 0, c["dilations"], c["group"])
        else:
            y = F.max_pool2d(padded, c["kernel"], c["strides"], 0, c["dilations"])
        y.backward(draw("cotangent", list(y.shape)))
        results[key] = {"y": golden.array(y), **{f"d{of}": golden.array(t.grad) for of, t in leaves.items()}}
    golden.write("windows", name, case, {"results": results})
    return " ".join(results)


def stream_case(name, case):
    """Draws themselves, so that a disagreement about the generator shows as one."""
    seed, step = case["seed"], case["step"]
    stream = lambda layer: lambda n: philox.words(seed, "noise", layer, n, step)
    golden.write("streams", name, case, {
        "draws": {
            "uniform": golden.array(philox.uniform(stream("uniform"), 33, -0.75, 1.5)),
            "normal": golden.array(philox.normal(stream("normal"), 33, 0.3)),
            "integers": golden.array(philox.integers(stream("integers"), 33, 3 * 2**30)),
        },
    })
    return "33 draws of each kind"


KINDS = {
    "streams": (cases.STREAMS, stream_case),
    "batch-norm": (cases.BATCH_NORMS, batch_norm_case),
    "curvature": (cases.CURVATURES, curvature_case),
    "spectrum": (cases.SPECTRA, spectrum_case),
    "norm": (cases.NORMS, norm_case),
    "windows": (cases.WINDOWS, windows_case),
    "gradients": (cases.GRADIENTS, gradient_case),
    "trajectory": (cases.TRAJECTORIES, trajectory_case),
}


def main():
    prefix = sys.argv[1] if len(sys.argv) > 1 else ""
    print("torch", torch.__version__)
    for kind, (table, make) in KINDS.items():
        for name, case in table.items():
            if f"{kind}-{name}".startswith(prefix):
                print(f"{kind}-{name}:", make(name, case), flush=True)


if __name__ == "__main__":
    main()
