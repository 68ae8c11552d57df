"""Errors that end the program with one line and an exit code of the project's contract."""


def first_line(error: BaseException) -> str:
    """What a library says of a failure, or the kind of it where it says nothing."""
    lines = str(error).strip().splitlines()
    if len(lines) > 1 and lines[0].endswith(":"):  # it only announces the reason
        return f"{lines[0]} {lines[1].strip()}"
    return lines[0] if lines else type(error).__name__


def last_line(error: BaseException) -> str:
    """Of an error of TorchScript: the reason stands after the frames."""
    lines = str(error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__


class ExportError(Exception):
    """An input that can never succeed."""

    exit_code = 3


class UsageError(ExportError):
    """A wrong command line."""

    exit_code = 2


class TransientError(ExportError):
    """Something that may succeed when tried again."""

    exit_code = 4


class NoMemoryError(ExportError):
    """Something that may succeed with more memory, or cut in segments."""

    exit_code = 5
