"""Memory that runs out is told by one sentence and its own exit code."""

import contextlib
from collections.abc import Iterator

from consilience_export.errors import NoMemoryError

_SIGNS = ("out of memory", "can't allocate memory", "not enough memory")


@contextlib.contextmanager
def told_as_out_of_memory(doing: str) -> Iterator[None]:
    """Raises NoMemoryError for what Python and torch say when an allocation fails."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        told = str(error).lower()
        if isinstance(error, RuntimeError) and not any(sign in told for sign in _SIGNS):
            raise
        raise NoMemoryError(
            f"out of memory while {doing}: try --dtype bf16 or --segments"
        ) from error
