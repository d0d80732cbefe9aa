"""The draws of src/math/draws.ts, computed again from the description at its top, and written to
test/oracle/golden/draws.json. Python's standard library alone; it shares no code with philox.py either, which draws what
the other golden files are made with.

python3 tools/golden/draws.py"""

import json
import math
import sys
from pathlib import Path

KEYS = [
    {"seed": 0, "step": 0, "layer": "conv1/norm/noise/scale"},
    {"seed": 7, "step": 391, "layer": "conv2/norm/noise/shift"},
    {"seed": 2**53 - 1, "step": 2**40 + 3, "layer": "stage3.block2/norm/noise/scale"},
]
FIRST = 48
SEARCHED = 400_000
OUTERMOST = 12
ROOT = Path(__file__).resolve().parents[2]


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        p, q = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        c = [q // 2**32 ^ c[1] ^ k[0], q % 2**32, p // 2**32 ^ c[3] ^ k[1], p % 2**32]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return c


def hash_of(text):
    h = 2166136261
    for byte in text.encode():
        h = (h ^ byte) * 16777619 % 2**32
    return h


def block(key, number):
    seed, step = key["seed"], key["step"]
    counter = (number, step % 2**32, step // 2**32 + 2**31, hash_of(key["layer"]))
    return philox(counter, (seed % 2**32, 4 * 2**24 + seed // 2**32))


def field(key, i):
    word = block(key, i // 8)[i % 8 // 2]
    return word // 2**16 if i % 2 else word % 2**16


def exceeded_with(p):
    """What a standard normal number exceeds with probability p: bisection of the complementary error function."""
    low, high = 0.0, 40.0
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        low, high = (middle, high) if math.erfc(middle / math.sqrt(2)) / 2 > p else (low, middle)


def normal(key, i):
    sign, m = divmod(field(key, i), 2**15)
    share = (block(key, 2**31 + i)[0] + 0.5) / 2**32 if m >= 2**15 - 8 else 0.5
    z = exceeded_with((2**15 - m - share) / 2**16)
    return -z if sign else z


def outermost(key):
    """Places of the first draws that fall into an outermost cell, a block at a time."""
    found = []
    for number in range(SEARCHED // 8):
        for w, word in enumerate(block(key, number)):
            for half in range(2):
                if (word >> 16 * half) % 2**15 >= 2**15 - 8:
                    found.append(8 * number + 2 * w + half)
        if len(found) >= OUTERMOST:
            break
    return found[:OUTERMOST]


def main():
    entries = []
    for key in KEYS:
        places = [*range(FIRST), 99_999, *outermost(key)]
        entries.append({
            "key": key,
            "places": places,
            "uniform": [field(key, i) / 2**16 for i in places],
            "normal": [normal(key, i) for i in places],
        })
    made_by = f"python3 tools/golden/draws.py, Python {sys.version.split()[0]}"
    lines = ",\n".join(f"  {json.dumps(entry)}" for entry in entries)
    text = f'{{\n"madeBy": {json.dumps(made_by)},\n"draws": [\n{lines}\n]\n}}\n'
    (ROOT / "test" / "oracle" / "golden" / "draws.json").write_text(text)


main()
