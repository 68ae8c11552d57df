"""What a package is made from, as one hash: when it is unchanged, so is the package."""

import functools
import hashlib
import json
from importlib import metadata
from pathlib import Path

from consilience_export.identity import canonical_json, hashable
from consilience_export.job import Job

_FILES = ("gguf", "checkpoint", "torchscript", "hf", "st")


@functools.cache
def _code() -> bytes:
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for file in sorted(root.rglob("*.py")):
        digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return digest.digest()


def _local_files(where: str) -> list[list[object]]:
    """Name, size and time of what lies at a path: enough to see that it was changed."""
    path = Path(where).expanduser()
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    return [[str(f), f.stat().st_size, f.stat().st_mtime_ns] for f in files]


def _of_draft(draft: Path) -> list[list[object]]:
    """The draft of a card, and the tokenizer that it names."""
    try:
        whole = json.loads(draft.read_text(encoding="utf-8"))
        tokenizer = whole.get("identity", whole)["tokens"]["tokenizer"]
        named = _local_files(str(draft.parent / tokenizer))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # none, or to be refused
        named = []
    return _local_files(str(draft)) + named


def is_known(job: Job) -> bool:
    """Whether a recipe says all that a package depends on: a Python function may read anything."""
    return job.spec.kind != "python"


def _read_files(job: Job) -> list[list[object]]:
    """What a spec reads: its files and those of its options."""
    files = _local_files(job.spec.where) if job.spec.kind in _FILES else []
    if job.options.card is not None:
        files += _of_draft(job.options.card)
    kind, _, where = (job.options.architecture or "").partition(":")
    return files + (_local_files(where.partition("#")[0]) if kind == "hf" else [])


def recipe(job: Job, seed: int | None) -> str:
    """sha256 over the exporter's code, the spec and its files, the zoo's entry, options, seed."""
    digest = hashlib.sha256(_code())
    entry = {
        "name": job.name,
        "family": job.family,
        "spec": str(job.spec),
        "options": job.options.as_json(),
        "facts": job.facts,
        "files": _read_files(job),
        "seed": seed,
    }
    digest.update(canonical_json(hashable(entry)))
    for package in ["torch", "transformers", "tokenizers", "timm", *job.packages]:
        try:
            digest.update((metadata.distribution(package).read_text("RECORD") or "").encode())
        except metadata.PackageNotFoundError:
            digest.update(b"absent")
    return digest.hexdigest()
