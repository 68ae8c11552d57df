"""A file that appears whole, by one rename, or not at all."""

import os
from pathlib import Path


def write(out: Path, content: bytes) -> None:
    """Written beside its place and moved there when it is on the disk."""
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        with open(partial, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(out)
    finally:
        partial.unlink(missing_ok=True)
