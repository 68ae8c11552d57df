"""What other people's files and code make libraries raise is told in one sentence."""

import contextlib
from collections.abc import Iterator

from consilience_export.errors import ExportError, first_line
from consilience_export.memory import told_as_out_of_memory


@contextlib.contextmanager
def told(doing: str, failed: str) -> Iterator[None]:
    """Raises ExportError, or NoMemoryError, for anything but an error of the operating system.

    `doing` and `failed` go into the sentence: "reading x", "x: cannot be read".
    """
    try:
        with told_as_out_of_memory(doing):
            yield
    except ExportError:
        raise
    except Exception as error:  # libraries have dozens of their own
        if isinstance(error, OSError) and error.errno is not None and error.filename is not None:
            raise
        kind = "" if isinstance(error, OSError | RuntimeError) else f"{type(error).__name__}: "
        raise ExportError(f"{failed}: {kind}{first_line(error)}") from error
