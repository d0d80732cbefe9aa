"""Looks for seeds on which no decision of a network hangs on rounding, for cases.py.

python3 tools/golden/choose_seeds.py {gradients,curvature,trajectory}/CASE [how many seeds]

Gradients and curvature: the forward pass is computed in float32 and in float64. Every max-pool window must choose the
same pixel in both; the first number printed is the smallest gap between the two largest values of any window (in
float64), divided by the largest difference between float32 and float64 in that pooling's input; infinite without
pooling. The second is the error of PyTorch's own float32 gradients: some initial weights are conditioned so badly that
float32 does not suffice. Wanted: a gap of 8 or more, and an error below 6e-6.

Trajectories: over several steps some ReLU comes so close to zero that float32 and float64 decide differently, and the
losses then part for good. Printed is the largest difference between the losses in float64 and those in float32, plain
and after twelve disturbances of every weight by about two units in its last place (Winograd convolutions disturb
activations as much), divided by the largest loss. Wanted: below 1e-5."""

import sys

import torch

import cases
from networks import Network, batch

JITTER = 0.25


def pooling_margin(case):
    single, double = (forward(case, dtype) for dtype in (torch.float32, torch.float64))
    margin = float("inf")
    for a, b in zip(single, double):
        windows = [p.unfold(2, 2, 2).unfold(3, 2, 2).flatten(-2) for p in (a, b)]
        if not torch.equal(*(w.argmax(-1) for w in windows)):
            return 0.0
        top = windows[1].topk(2).values
        margin = min(margin, float((top[..., 0] - top[..., 1]).min() / (a.double() - b).abs().max()))
    return margin


def forward(case, dtype):
    network = Network(case["seed"], dtype, case["settings"], JITTER)
    with torch.no_grad():
        network.loss(*batch(case["seed"], case["images"], case["settings"]["classes"], dtype))
    return network.pooled


def gradients(case, dtype):
    network = Network(case["seed"], dtype, case["settings"], JITTER)
    loss = network.loss(*batch(case["seed"], case["images"], case["settings"]["classes"], dtype))
    loss.backward()
    return network, loss, {name: p.grad.double() for name, p in network.parameters.items()}


def single_precision_error(case):
    """The largest error of PyTorch's own float32 gradients: max |difference| / max |float64|, over all tensors."""
    (network, _, exact), (_, _, single) = gradients(case, torch.float64), gradients(case, torch.float32)
    largest = max(float(g.abs().max()) for g in exact.values())
    scale = lambda name: largest if name in network.vanishing else float(exact[name].abs().max())
    return max(float((single[name] - exact[name]).abs().max()) / scale(name) for name in exact)


def losses(case, dtype, perturbation=None):
    """The losses of a trajectory under torch's own optimiser."""
    network = Network(case["seed"], dtype, case["settings"])
    data = lambda t: batch(case["seed"], case["images"], case["settings"]["classes"], dtype, t)
    with torch.no_grad():
        network.loss(*data(0))
        network.state.clear()
        if perturbation is not None:
            generator = torch.Generator().manual_seed(perturbation)
            for p in network.parameters.values():
                p.mul_(1 + 2**-22 * torch.randn(p.shape, generator=generator))
    o = case["optimiser"]
    sgd = torch.optim.SGD(
        network.parameters.values(),
        lr=o["lr"],
        momentum=o["momentum"],
        weight_decay=o["weightDecay"],
        nesterov=o["nesterov"],
    )
    found = []
    for t in range(case["steps"]):
        loss = network.loss(*data(t))
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        found.append(loss.item())
    return found


def sensitivity(case, give_up=float("inf")):
    """max |difference of losses| / max |loss| over the disturbed trajectories; stops at the first above `give_up`."""
    exact = losses(case, torch.float64)
    worst = 0.0
    for perturbation in (None, *range(12)):
        found = losses(case, torch.float32, perturbation)
        worst = max(worst, max(abs(a - b) for a, b in zip(found, exact)) / max(exact))
        if worst > give_up:
            break
    return worst


def main():
    name, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
    kind, name = name.split("/")
    table, measure = {
        "gradients": (cases.GRADIENTS, lambda case: (pooling_margin(case), single_precision_error(case))),
        "curvature": (cases.CURVATURES, lambda case: (pooling_margin(case),)),
        "trajectory": (cases.TRAJECTORIES, lambda case: (sensitivity(case, give_up=5e-5),)),
    }[kind]
    for seed in range(1, count + 1):
        print(seed, *(f"{number:.3g}" for number in measure({**table[name], "seed": seed})), flush=True)


if __name__ == "__main__":
    main()
