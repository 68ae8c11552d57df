"""checkpoint:FILE --arch timm:NAME|hf:FOLDER: a state dict of your own.

python -m consilience_export import checkpoint:runs/epoch-90.pth --arch timm:resnet50 --out m
"""

import pickle
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from consilience_export import spec as specs
from consilience_export.distributions import sha256_file
from consilience_export.encoder import Encoder
from consilience_export.errors import ExportError, UsageError, first_line
from consilience_export.job import Job
from consilience_export.listing import some
from consilience_export.memory import told_as_out_of_memory

_SUFFIXES = (".safetensors", ".pt", ".pth", ".bin", ".ckpt")
# What training scripts wrap a state dict in, best first: averaged weights are what is evaluated.
_WRAPPERS = ("state_dict_ema", "model_ema", "state_dict", "model_state_dict", "model", "teacher")


@dataclass(frozen=True)
class Checkpoint:
    """The tensors of a file, what was taken off to get at them, and what was left out."""

    tensors: dict[str, Tensor]
    unwrapped: list[str]
    others: list[str] = field(default_factory=list)


def _load(path: Path) -> object:
    try:
        with told_as_out_of_memory(f"reading {path}"):
            if path.suffix == ".safetensors":
                return load_file(path)
            return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise ExportError(f"{path}: no such file") from None
    except pickle.UnpicklingError as error:
        named = re.search(r"(?:GLOBAL|global|type) ([\w.]+)", str(error))
        what = f" ({named[1]})" if named else ""
        raise ExportError(
            f"{path}: holds more than tensors{what}, and running what a pickle asks for is never "
            "done: save its state dict as safetensors"
        ) from None
    except (SafetensorError, RuntimeError, EOFError, ValueError, LookupError, OSError) as error:
        if isinstance(error, OSError) and error.filename:
            raise
        reason = type(error).__name__ if isinstance(error, LookupError) else first_line(error)
        raise ExportError(f"{path}: cannot be read as a checkpoint: {reason}") from None


def _state(content: object, path: Path, unwrapped: list[str]) -> dict[str, Tensor]:
    if not isinstance(content, dict):
        raise ExportError(f"{path}: expected a state dict, found {type(content).__name__}")
    for key in _WRAPPERS:
        if isinstance(content.get(key), dict):
            unwrapped.append(key)
            return _state(content[key], path, unwrapped)
    tensors = {name: value for name, value in content.items() if isinstance(value, Tensor)}
    if not tensors:
        raise ExportError(f"{path}: no tensors in it; it has {some(sorted(map(str, content)))}")
    return tensors


def read(path: Path) -> Checkpoint:
    """Raises ExportError for a file that is missing, damaged, or holds more than tensors."""
    if path.suffix not in _SUFFIXES:
        raise UsageError(f"{path}: expected a file that ends in {', '.join(_SUFFIXES)}")
    unwrapped: list[str] = []
    tensors = _state(_load(path), path, unwrapped)
    return Checkpoint(tensors, unwrapped)


def without_prefix(found: Checkpoint, own: set[str]) -> Checkpoint:
    """Takes off what stands before the network's own names, as `module.` or `backbone.` do.

    Tensors without it belong to something else, and are left out.
    """
    prefixes: Counter[str] = Counter()
    for name in found.tensors:
        parts = name.split(".")
        for cut in range(len(parts)):
            if ".".join(parts[cut:]) in own:
                prefixes["".join(f"{part}." for part in parts[:cut])] += 1
    prefix, fitting = max(prefixes.items(), key=lambda pair: pair[1], default=("", 0))
    if not prefix or fitting <= prefixes[""]:
        return found
    kept = {
        name.removeprefix(prefix): tensor
        for name, tensor in found.tensors.items()
        if name.startswith(prefix)
    }
    others = sorted(name for name in found.tensors if not name.startswith(prefix))
    return Checkpoint(kept, [*found.unwrapped, prefix], others)


def say(job: Job, found: Checkpoint, left: list[str]) -> None:
    """Tells what of a file was not used."""
    left = [*found.others, *left]
    if found.unwrapped:
        print(f"{job.name}: taken off: {', '.join(found.unwrapped)}", file=sys.stderr)
    if left:
        print(f"{job.name}: left out, as the network has none: {some(left)}", file=sys.stderr)


def load(job: Job) -> Encoder:
    """The architecture comes from timm by name, or from the config.json of a folder."""
    if job.options.architecture is None:
        raise UsageError(f"{job.spec}: a checkpoint needs --arch timm:NAME or hf:FOLDER")
    path = Path(job.spec.where).expanduser()
    if job.options.architecture.partition(":")[0] not in ("timm", "hf"):
        raise UsageError(f"--arch {job.options.architecture}: expected timm:NAME or hf:FOLDER")
    architecture = specs.parse(job.options.architecture)
    found = read(path)
    origin = {"source": "checkpoint", "source_sha256": sha256_file(path)}
    if architecture.kind == "hf":
        from consilience_export.sources import hf_checkpoint

        return hf_checkpoint.load(job, architecture, found, origin)
    from consilience_export.architectures import timm_model

    where = architecture.where
    if architecture.revision:
        where += f".{architecture.revision}"
    name, arguments = timm_model.split(where)
    network = timm_model.create(name, arguments, job.options.image_size)
    found = without_prefix(found, set(network.state_dict()))
    say(job, found, timm_model.fill(network, found.tensors, str(path)))
    return timm_model.encoder(network, name, arguments, job.options, origin)
