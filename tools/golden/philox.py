"""The random streams of src/math/random.ts, written again from their description: Philox4x32-10 blocks keyed by
(seed, purpose, step, layer). Both sides draw the same numbers, so golden files hold results only."""

import numpy as np

PURPOSES = {"init": 1, "shuffle": 2, "augment": 3, "noise": 4, "probe": 5}
LOW = np.uint64(0xFFFFFFFF)
SHIFT = np.uint64(32)


def philox4x32(counter, key):
    """Ten rounds on arrays of four counter words and two key words; returns four arrays of 32-bit words."""
    c0, c1, c2, c3 = (np.asarray(word, np.uint64) for word in counter)
    k0, k1 = (int(word) for word in key)
    for _ in range(10):
        product0 = c0 * np.uint64(0xD2511F53)
        product1 = c2 * np.uint64(0xCD9E8D57)
        c0, c1, c2, c3 = (
            (product1 >> SHIFT) ^ c1 ^ np.uint64(k0),
            product1 & LOW,
            (product0 >> SHIFT) ^ c3 ^ np.uint64(k1),
            product0 & LOW,
        )
        k0 = (k0 + 0x9E3779B9) & 0xFFFFFFFF
        k1 = (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


def fnv1a(text):
    value = 2166136261
    for byte in text.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value


def words(seed, purpose, layer, count, step=0):
    """The first `count` 32-bit words of a stream with a layer."""
    blocks = np.arange((count + 3) // 4, dtype=np.uint64)
    counter = (blocks, np.uint64(step % 2**32), np.uint64(step // 2**32 + 2**31), np.uint64(fnv1a(layer)))
    key = (seed % 2**32, PURPOSES[purpose] * 2**24 + seed // 2**32)
    return np.stack(np.broadcast_arrays(*philox4x32(counter, key)), 1).reshape(-1)[:count]


def uniform(stream, count, low, high):
    """low + (high - low) * floor(word / 2^8) / 2^24, rounded to float32; `stream` gives that many words."""
    unit = (stream(count) >> np.uint64(8)).astype(np.float64) * 2.0**-24
    return (low + (high - low) * unit).astype(np.float32)


def normal(stream, count, std=1.0):
    """Box and Muller's transform of each pair of words, computed in float64, rounded to float32."""
    pairs = stream((count + 1) // 2 * 2).astype(np.float64).reshape(-1, 2)
    radius = std * np.sqrt(-2 * np.log((pairs[:, 0] + 1) * 2.0**-32))
    angle = 2 * np.pi * pairs[:, 1] * 2.0**-32
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).reshape(-1)[:count].astype(np.float32)


def integers(stream, count, n):
    """word mod n, skipping words at or above the largest multiple of n that is at most 2^32."""
    drawn = stream(2 * count + 64)
    kept = drawn[drawn < 2**32 - 2**32 % n][:count]
    assert len(kept) == count
    return (kept % np.uint64(n)).astype(np.int64)
