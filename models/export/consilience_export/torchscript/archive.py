"""The file of a network: saved without what differs from run to run."""

from pathlib import Path

import torch

from consilience_export.torchscript.artefact import Artefact

_VERSIONS = ("version", ".data/version")  # of the operators: one of them, by how new they are
_WRITTEN_BY_ITSELF = (*_VERSIONS, "byteorder", ".data/serialization_id")


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
        for name in reader.get_all_records():
            if not name.endswith(".debug_pkl") and name not in _WRITTEN_BY_ITSELF:
                record = reader.get_record(name)
                writer.write_record(name, record, len(record))
        writer.write_end_of_file()
    finally:
        traced.unlink(missing_ok=True)
