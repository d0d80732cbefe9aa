"""The form of a golden file: JSON, with every array as the base64 of its little-endian float64 numbers."""

import base64
import json
import math
from pathlib import Path

import numpy as np
import torch

import philox

FOLDER = Path(__file__).resolve().parents[2] / "test" / "oracle" / "golden"
WHOLE_LIMIT = 512
SAMPLES = 48
PROJECTIONS = 4


def array(tensor):
    values = np.asarray(tensor.detach() if torch.is_tensor(tensor) else tensor, dtype="<f8")
    return {"shape": list(values.shape), "float64": base64.b64encode(values.tobytes()).decode()}


def sampled(name, tensor, seed):
    """Samples at random places, projections on random signs, and the norms that their errors are measured by."""
    flat = tensor.detach().double().numpy().reshape(-1)
    places = philox.integers(lambda n: philox.words(seed, "probe", f"samples/{name}", n), SAMPLES, flat.size)
    drawn = philox.words(seed, "probe", f"signs/{name}", flat.size)
    signs = [1 - 2 * ((drawn >> np.uint64(k)) & np.uint64(1)).astype(np.float64) for k in range(PROJECTIONS)]
    return {
        "shape": list(tensor.shape),
        "largest": float(np.abs(flat).max()),
        "norm": math.sqrt(math.fsum(flat * flat)),
        "samples": array(flat[places]),
        "projections": array([math.fsum(flat * sign) for sign in signs]),
    }


def summary(tensors, seed, whole):
    large = lambda tensor: not whole and tensor.numel() > WHOLE_LIMIT
    return {name: sampled(name, t, seed) if large(t) else array(t) for name, t in tensors.items()}


def write(kind, name, protocol, results):
    """One top-level key per line, and one line per tensor, so that a changed number is a changed line."""
    made_by = f"python3 tools/golden/generate.py, torch {torch.__version__}, numpy {np.__version__}"
    lines = [f'"madeBy": {json.dumps(made_by)}', f'"protocol": {json.dumps(protocol)}']
    for key, value in results.items():
        if isinstance(value, dict) and value and all(isinstance(entry, dict) for entry in value.values()):
            entries = ",\n".join(f'  "{entry}": {json.dumps(content)}' for entry, content in value.items())
            lines.append(f'"{key}": {{\n{entries}\n}}')
        else:
            lines.append(f'"{key}": {json.dumps(value)}')
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{kind}-{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
