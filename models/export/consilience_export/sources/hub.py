"""Where a model's files lie: a folder, the user's own hub cache, or the hub."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consilience_export.distributions import sha256_file
from consilience_export.errors import ExportError, TransientError, UsageError
from consilience_export.spec import Spec, kind_of_file

_SMALL = ["*.json", "*.txt", "*.model", "*.jinja"]
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_SECONDS = 10  # until the hub counts as unreachable
_silent_sites: set[str] = set()  # gave no answer to this process: the next model need not wait


@dataclass(frozen=True)
class Place:
    """A folder with config.json, weights and tokenizer. `revision`: the hub's commit."""

    folder: Path
    name: str | None = None  # on the hub
    revision: str | None = None

    def __str__(self) -> str:
        return f"{self.name}@{self.revision}" if self.name else str(self.folder)

    @property
    def origin(self) -> dict[str, Any]:
        """As it stands in an identity: the weights by their digests, no path of a machine."""
        files = {file.name: sha256_file(file) for file in weight_files(self)}
        known = {"source": f"hf:{self.name}", "revision": self.revision} if self.name else {}
        return known | {"source_sha256": files}


def weight_files(place: Place) -> list[Path]:
    """The safetensors (or .bin) files, with those that an index lists."""
    for first in _WEIGHTS:
        whole, index = place.folder / first, place.folder / f"{first}.index.json"
        if whole.is_file():
            return [whole]
        if index.is_file():
            names = sorted(set(read_json(index).get("weight_map", {}).values()))
            missing = [name for name in names if not (place.folder / name).is_file()]
            if missing or not names:
                raise ExportError(
                    f"{index}: lists weights that are not there: {', '.join(missing) or 'none'}: "
                    f"{_fetch(place)}"
                )
            return [place.folder / name for name in names]
    raise ExportError(
        f"{place}: no weights there (expected {' or '.join(_WEIGHTS)}): {_fetch(place)}"
    )


def _download(name: str, revision: str | None) -> str:
    return f"hf download {name}" + (f" --revision {revision}" if revision else "")


def _fetch(place: Place) -> str:
    if place.name:
        return f"`{_download(place.name, place.revision)}` gets what is missing"
    return "save the whole model there"


def read_json(path: Path) -> dict[str, Any]:
    """Raises ExportError when there is no such file or no JSON object in it."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ExportError(f"{path}: no such file") from None
    except ValueError as error:
        raise ExportError(f"{path}: cannot be read as JSON: {error}") from None
    if not isinstance(content, dict):
        raise ExportError(f"{path}: expected a JSON object, found {type(content).__name__}")
    return content


def model_type(place: Place) -> str:
    """The family that config.json names."""
    file = place.folder / "config.json"
    if not file.is_file():
        raise ExportError(f"{file}: no such file: not a folder of a saved model")
    kind = read_json(file).get("model_type")
    if not isinstance(kind, str) or not kind:
        raise ExportError(f"{file}: names no model_type")
    return kind


def unknown_family(place: Place, kind: str, known: list[str]) -> ExportError:
    """What to say of a model_type that no table has."""
    own = "auto_map" in read_json(place.folder / "config.json")
    code = "; it needs Python code of its own, which is never run" if own else ""
    return ExportError(
        f"{place}: no family {kind!r}{code}; there are: {', '.join(sorted(known))} "
        "(or give the network itself by python:MODULE:FUNCTION)"
    )


def resolve(spec: Spec) -> Place:
    """A folder as it is; a name from the cache, else from the hub, at once or with a reason."""
    folder = Path(spec.where).expanduser()
    if folder.is_dir():
        if spec.revision:
            raise UsageError(f"{spec}: a folder has no revisions")
        return Place(folder)
    if folder.is_file():
        raise UsageError(
            f"{spec}: a file; expected the folder of a saved model{_file_hint(folder)}"
        )
    if folder.is_absolute() or spec.where.startswith((".", "~")) or spec.where.count("/") > 1:
        raise ExportError(f"{folder}: no such folder")
    return _from_hub(spec)


def _file_hint(file: Path) -> str:
    fitting = kind_of_file(str(file))
    return f" (or {fitting}:{file})" if fitting else ""


def _from_hub(spec: Spec) -> Place:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    name, revision = spec.where, spec.revision
    try:
        cached = snapshot_download(name, revision=revision, local_files_only=True)
        return Place(Path(cached), name, Path(cached).name)
    except HFValidationError:
        raise UsageError(f"{spec}: {name!r} is neither a folder nor a name on the hub") from None
    except LocalEntryNotFoundError:
        pass
    files = _hub_files(name, revision)
    suffix = "*.safetensors" if any(f.endswith(".safetensors") for f in files) else "*.bin"
    fetched = snapshot_download(
        name,
        revision=revision,
        allow_patterns=[*_SMALL, suffix],
        ignore_patterns=["onnx/*", "openvino/*", "original/*"],
    )
    return Place(Path(fetched), name, Path(fetched).name)


def _no_folder(name: str) -> str:
    """Somebody who has the folder before the slash may have meant one in it."""
    return "no folder here, " if Path(name).parent.is_dir() else ""


def _hub_files(name: str, revision: str | None) -> list[str]:
    """What the hub has of a model; every way of not getting at it is told apart."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HTTPError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    if _site() in _silent_sites:
        raise _unreachable(name, revision)
    try:
        info = HfApi().model_info(name, revision=revision, timeout=_SECONDS)
    except GatedRepoError:
        raise ExportError(
            f"{name} is gated: accept its licence at {_site()}/{name}, then `hf auth login`"
        ) from None
    except RevisionNotFoundError:
        raise ExportError(f"{name}: the hub has no revision {revision!r} of it") from None
    except RepositoryNotFoundError:
        raise ExportError(
            f"{name}: no folder of that name here, and no such model on the hub (or a private one: "
            "`hf auth login`)"
        ) from None
    except HfHubHTTPError:
        raise _unreachable(name, revision) from None
    except (HTTPError, OfflineModeIsEnabled, OSError):
        _silent_sites.add(_site())
        raise _unreachable(name, revision) from None
    return [file.rfilename for file in info.siblings or []]


def _unreachable(name: str, revision: str | None) -> TransientError:
    return TransientError(
        f"{name} is {_no_folder(name)}not in the cache, and the hub cannot be reached: "
        f"`{_download(name, revision)}` where there is a network, and bring its cache here"
    )


def _site() -> str:
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
