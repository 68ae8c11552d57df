"""checkpoint:FILE --arch hf:FOLDER[#PART]: a state dict in the place of a folder's own weights."""

import dataclasses
import shutil
import tempfile
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from consilience_export.encoder import Encoder
from consilience_export.errors import ExportError, UsageError
from consilience_export.job import Job
from consilience_export.sources import hf
from consilience_export.sources.checkpoint import Checkpoint, say
from consilience_export.spec import Spec

_WRAPPERS = ("module.", "_orig_mod.")  # of parallel and of compiled models
_SMALL = (".json", ".txt", ".model", ".jinja")


def _bare(found: Checkpoint) -> Checkpoint:
    """transformers itself knows the prefixes of its models; these are training's."""
    for wrapper in _WRAPPERS:
        if all(name.startswith(wrapper) for name in found.tensors):
            tensors = {name.removeprefix(wrapper): t for name, t in found.tensors.items()}
            return _bare(Checkpoint(tensors, [*found.unwrapped, wrapper]))
    return found


def load(job: Job, architecture: Spec, found: Checkpoint, origin: dict[str, Any]) -> Encoder:
    """Configuration, tokenizer and preprocessing are the folder's."""
    given = Path(architecture.where).expanduser()
    if not given.is_dir():
        raise UsageError(f"--arch {architecture}: no such folder")
    found = _bare(found)
    say(job, found, [])
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for file in given.iterdir():
            if file.suffix in _SMALL and ".index." not in file.name:
                shutil.copy(file, folder)
        save_file(
            {name: tensor.detach().clone().contiguous() for name, tensor in found.tensors.items()},
            folder / "model.safetensors",
            {"format": "pt"},
        )
        spec = Spec("hf", str(folder), None, architecture.part)
        try:
            encoder = hf.load(dataclasses.replace(job, spec=spec))
        except ExportError as error:
            told = str(error).replace(str(folder), f"{job.spec.where} in {given}")
            raise type(error)(told) from None
    encoder.origin = origin
    return encoder
