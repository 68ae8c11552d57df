"""Loading a transformers network: every tensor of it from the files, or nothing at all."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors import safe_open

from consilience_export import foreign
from consilience_export.dtypes import DTYPES
from consilience_export.errors import ExportError
from consilience_export.listing import some
from consilience_export.sources.hub import Place, weight_files

# Heads that a checkpoint may hold beside its trunk, and buffers that older versions saved.
_HEADS = (
    r"(cls|pooler|lm_head|head|decoder|classifier|score|qa_outputs|pre_classifier|dense"
    r"|vocab_transform|vocab_layer_norm|vocab_projector|lm_predictions|mask_predictions)(\.|$)"
)
_FLOATS = ("F64", "F32", "F16", "BF16")
_BUFFERS = r"(rotary_emb\.inv_freq|position_ids|attention\.bias|attn\.bias|masked_bias)$"


def _left_out(name: str, prefix: str) -> bool:
    bare = name.removeprefix(f"{prefix}.")
    return bool(re.match(_HEADS, bare) or re.search(_BUFFERS, bare))


def _check(where: str, network: Any, info: dict[str, Any], others: str) -> None:
    """What transformers would fill with random numbers, or drop, is refused by name."""
    faults = []
    if missing := sorted(info["missing_keys"]):
        faults.append(f"the files lack {some(missing)}")
    if mismatched := sorted(str(entry[0]) for entry in info["mismatched_keys"]):
        faults.append(f"other shapes than the configuration says: {some(mismatched)}")
    unexpected = sorted(
        name
        for name in info["unexpected_keys"]
        if not _left_out(name, network.base_model_prefix) and not re.match(others, name)
    )
    if unexpected:
        faults.append(f"the configuration knows no {some(unexpected)}")
    if faults:
        raise ExportError(
            f"{where}: weights and configuration do not belong together: {'; '.join(faults)}"
        )


def readable(where: Path, read: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """`read(..)`; whatever a damaged file makes a library raise becomes one sentence."""
    with foreign.told(f"reading {where}", f"{where}: cannot be read"):
        return read(*args, **kwargs)


def saved(kind: type, folder: Path) -> Any:
    """`kind.from_pretrained(folder)` of one of transformers' Auto classes: a configuration,
    tokenizer or processor, from these files alone and without their code."""
    return readable(
        folder, kind.from_pretrained, folder, local_files_only=True, trust_remote_code=False
    )


def tensor_names(place: Place) -> list[str] | None:
    """What safetensors files hold; None where only reading all of a pickle would tell."""
    files = weight_files(place)
    if files[0].suffix != ".safetensors":
        return None
    names: list[str] = []
    for file in files:
        with readable(file, safe_open, file, framework="pt") as opened:
            names += opened.keys()
    return names


def _check_dtypes(files: list[Path], others: str) -> None:
    """Integers in the place of weights were quantised in a way that nothing says: a cast of them
    would be another network."""
    odd = []
    for file in files:
        if file.suffix != ".safetensors":
            continue
        with readable(file, safe_open, file, framework="pt") as opened:
            for name in opened.keys():  # noqa: SIM118, it is no dict
                dtype = opened.get_slice(name).get_dtype()
                used = not (re.search(_BUFFERS, name) or re.match(others, name))
                if used and dtype not in _FLOATS and name.endswith(("weight", "bias")):
                    odd.append(f"{name} ({dtype})")
    if odd:
        raise ExportError(f"{files[0].parent}: expected {', '.join(_FLOATS)}, found {some(odd)}")


def load(kind: type, folder: Path, dtype: str, *, others: str = r"(?!)", **options: Any) -> Any:
    """`kind.from_pretrained(folder)`, in evaluation mode. `others`: names of what the files hold
    beside the network, such as the other tower of a pair.

    Raises ExportError for files that are damaged, and for tensors that are missing, unknown or of
    another shape.
    """
    if "gguf_file" not in options:
        _check_dtypes(weight_files(Place(folder)), others)
    network, info = readable(
        folder,
        kind.from_pretrained,
        folder,
        dtype=DTYPES[dtype],
        attn_implementation="sdpa" if kind._supports_sdpa else "eager",
        local_files_only=True,
        ignore_mismatched_sizes=True,
        output_loading_info=True,
        **options,
    )
    _check(str(folder), network, info, others)
    return network.eval()
