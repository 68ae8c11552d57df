"""Room for what is about to be written: torch ends the whole program where a disk is full."""

import shutil
from pathlib import Path

from torch import nn

from consilience_export.errors import TransientError
from consilience_export.listing import size_text

_CODE = 2**20  # of an archive, beside the tensors
_COPIES = 2  # of the tensors, while an archive is written


def require(folder: Path, network: nn.Module) -> None:
    """Raises TransientError where the tensors of a network do not fit on the disk."""
    tensors = network.state_dict().values()
    size = sum(tensor.numel() * tensor.element_size() for tensor in tensors)
    needed = _CODE + _COPIES * size
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise TransientError(
            f"{folder.parent}: the disk has {size_text(free)} left, the archive needs about "
            f"{size_text(needed)}: make room and import again"
        )
