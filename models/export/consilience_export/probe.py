"""What an endpoint is like: width, how far it repeats itself, and a fingerprint of its model."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from consilience_export.endpoint import Endpoint
from consilience_export.errors import ExportError

# Far apart in subject, length, script and form, so that two models disagree on some pair.
TEXTS = (
    "a photo of a cat",
    "A dog sleeps on the sofa.",
    "The central bank raised interest rates by a quarter of a point on Thursday.",
    "for i in range(10): print(i ** 2)",
    "Die Katze schläft auf dem Dach.",
    "1 2 3 4 5 6 7 8",
)
TOLERANCE = 0.01  # of a cosine: over rounding to 3 digits and 16-bit services


@dataclass(frozen=True)
class Fingerprint:
    """`cosines`: of every pair of TEXTS, 3 decimals. Unlike the vectors they are few, unlike a
    hash of them they may be compared with a tolerance: services do not repeat themselves exactly.
    """

    width: int
    cosines: tuple[str, ...]
    unit: bool  # whether the vectors have length 1


@dataclass(frozen=True)
class Probe:
    """`error`: the largest difference of one text's vectors, asked twice, alone and among others;
    `relative`: over the largest absolute value.
    """

    fingerprint: Fingerprint
    error: float
    relative: float


def _describe(vectors: np.ndarray, address: str) -> Fingerprint:
    wide = vectors.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1)
    if (lengths == 0).any():
        raise ExportError(f"{address}: a vector is zero")
    unit = wide / lengths[:, None]
    pairs = combinations(range(len(TEXTS)), 2)
    cosines = tuple(f"{max(-1.0, min(1.0, unit[a] @ unit[b])):.3f}" for a, b in pairs)
    return Fingerprint(vectors.shape[1], cosines, bool(np.allclose(lengths, 1, atol=1e-3)))


def fingerprint(service: Endpoint) -> Fingerprint:
    """One request."""
    return _describe(service.embed(list(TEXTS)), service.address)


def same_fingerprint(a: Sequence[str], b: Sequence[str]) -> bool:
    return len(a) == len(b) and all(
        abs(float(x) - float(y)) <= TOLERANCE for x, y in zip(a, b, strict=True)
    )


def probe(service: Endpoint) -> Probe:
    """Three requests: all texts, and one of them alone, twice."""
    together = service.embed(list(TEXTS))
    alone = [service.embed([TEXTS[0]]) for _ in range(2)]
    widths = {vectors.shape[1] for vectors in (together, *alone)}
    if len(widths) > 1:
        raise ExportError(f"{service.address}: vectors of different widths: {sorted(widths)}")
    answers = np.stack([together[0], alone[0][0], alone[1][0]]).astype(np.float64)
    error = float(np.ptp(answers, axis=0).max())
    relative = error / float(np.abs(answers).max() or 1)
    return Probe(_describe(together, service.address), error, relative)
