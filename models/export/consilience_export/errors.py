"""Errors that end the program with one line and an exit code of the project's contract."""


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
