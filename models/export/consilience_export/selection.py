"""Which layers of a model a package keeps."""

import re
from collections.abc import Sequence

from consilience_export.encoder import Layer
from consilience_export.errors import UsageError


def kept_layers(wanted: str, layers: Sequence[Layer]) -> list[int]:
    """The indices of `all`, `last`, `every:N` (the last one too) or a list of names."""
    last = len(layers) - 1
    if wanted == "all":
        return list(range(len(layers)))
    if wanted == "last":
        return [last]
    if match := re.fullmatch(r"every:([1-9]\d*)", wanted):
        return sorted({*range(0, len(layers), int(match[1])), last})
    names = [layer.name for layer in layers]
    asked = [name.strip() for name in wanted.split(",")]
    unknown = [name for name in asked if name not in names]
    if unknown:
        raise UsageError(
            f"--layers {wanted}: no layer {', '.join(unknown)}; expected all, last, every:N or "
            f"some of {', '.join(names)}"
        )
    return sorted({names.index(name) for name in asked})
