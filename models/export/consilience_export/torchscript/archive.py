"""The file of a network: saved without what differs from run to run."""

import re
from pathlib import Path

import torch

from consilience_export.torchscript.artefact import Artefact

_VERSIONS = ("version", ".data/version")  # of the operators: one of them, by how new they are
_MANGLED = re.compile(rb"___torch_mangle_(\d+)")
_WRITTEN_BY_ITSELF = (*_VERSIONS, "byteorder", ".data/serialization_id")


def forget_earlier_networks() -> None:
    """The classes of networks that this process traced before: a class of the same name would get
    another name than in a process of its own. Traced modules that are still held lose their code;
    loaded ones do not."""
    torch._C._jit_clear_class_registry()
    torch.jit._recursive.concrete_type_store = torch.jit._recursive.ConcreteTypeStore()
    torch.jit._state._clear_class_state()


def _renumbered(code: dict[str, bytes]) -> dict[str, tuple[str, bytes]]:
    """Classes that share a name are told apart by a number, which counts on through a process:
    here from 0. The new name and content of each record."""
    texts = [name.encode() for name in code] + list(code.values())
    numbers = sorted({int(number) for text in texts for number in _MANGLED.findall(text)})
    new = {old: b"___torch_mangle_%d" % index for index, old in enumerate(numbers)}

    def rename(text: bytes) -> bytes:
        return _MANGLED.sub(lambda match: new[int(match[1])], text)

    return {name: (rename(name.encode()).decode(), rename(text)) for name, text in code.items()}


def save(module: Artefact, path: Path) -> None:
    """Leaves out where in Python each operation came from: paths of this machine, and the stack of
    whoever called. Twice as much as the tensors is on the disk meanwhile."""
    traced = path.with_suffix(".traced")
    try:
        torch.jit.save(module, str(traced))
        reader = torch._C.PyTorchFileReader(str(traced))
        writer = torch._C.PyTorchFileWriter(str(path))
        version = next(name for name in _VERSIONS if reader.has_record(name))
        writer.set_min_version(int(reader.get_record(version)))
        kept = [
            name
            for name in reader.get_all_records()
            if not name.endswith(".debug_pkl") and name not in _WRITTEN_BY_ITSELF
        ]
        code = {n: reader.get_record(n) for n in kept if n.endswith((".py", ".pkl"))}
        renumbered = _renumbered(code)
        for name in kept:
            own, record = renumbered.get(name) or (name, reader.get_record(name))
            writer.write_record(own, record, len(record))
        writer.write_end_of_file()
    finally:
        traced.unlink(missing_ok=True)
