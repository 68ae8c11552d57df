"""Where Python looks at traced values or sizes to decide what to do: no trace keeps that."""

import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from consilience_export.listing import some

_OWN = str(Path(__file__).parents[1])
_BETWEEN = ("/torch/", "/warnings.py", f"{_OWN}/portable.py", f"{_OWN}/torchscript/")


def _place() -> str:
    """The innermost line that is neither torch's nor tracing's."""
    for frame in reversed(traceback.extract_stack()):
        if not any(part in frame.filename for part in _BETWEEN):
            return f"{frame.filename}:{frame.lineno}"
    return "an unknown place"


@contextmanager
def noticed() -> Iterator[list[str]]:
    """Collects the places, each once, while a network is traced; other warnings are silent."""
    places: list[str] = []

    def notice(message, category, *_rest, **_named) -> None:
        if issubclass(category, torch.jit.TracerWarning) and (place := _place()) not in places:
            places.append(place)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", torch.jit.TracerWarning)
        warnings.showwarning = notice
        yield places


def of_user(places: list[str]) -> list[str]:
    """Those outside installed libraries and this package."""
    return [place for place in places if "site-packages" not in place and _OWN not in place]


def tell(places: list[str]) -> None:
    """A library's own choices are on sizes, and checked; a user's may be on anything."""
    if own := of_user(places):
        print(
            f"note: Python decides on values or sizes at {some(own)}; the artefact keeps what it "
            "decided for the example",
            file=sys.stderr,
        )
