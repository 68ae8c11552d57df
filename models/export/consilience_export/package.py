"""Writing and checking a package folder. A package appears whole, by one rename, or not at all."""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from consilience_export.distributions import sha256_file
from consilience_export.errors import TransientError
from consilience_export.identity import FORMAT, identity_hash

PARTIAL = ".partial"


def folder_name(identity: dict[str, Any]) -> str:
    return f"{identity['name']}@{identity_hash(identity)[:8]}"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def exclusive(out: Path) -> Iterator[None]:
    """Holds `out` for one importer at a time, and clears what a killed one left behind."""
    out.mkdir(parents=True, exist_ok=True)
    with open(out / ".import.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TransientError(f"{out}: another import writes there: try again later") from None
        for leftover in out.glob(f".*{PARTIAL}"):
            shutil.rmtree(leftover)
        yield


@contextlib.contextmanager
def scratch_folder(out: Path, name: str) -> Iterator[Path]:
    """A folder beside the packages that goes away unless `commit` moves it."""
    folder = out / f".{name}{PARTIAL}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def commit(folder: Path, card: dict[str, Any], tokenizer: bytes | None) -> Path:
    """Adds card and tokenizer to a folder that holds the segments, and moves it to its name."""
    if tokenizer is not None:
        (folder / "tokenizer.json").write_bytes(tokenizer)
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    (folder / "card.json").write_text(text, encoding="utf-8")
    for file in folder.iterdir():
        _sync(file)
    _sync(folder)
    target = folder.parent / folder_name(card["identity"])
    if target.exists():
        old = folder.parent / f".{target.name}.replaced{PARTIAL}"
        target.rename(old)
        folder.rename(target)
        shutil.rmtree(old)
    else:
        folder.rename(target)
    _sync(folder.parent)
    return target


def read_card(folder: Path) -> dict[str, Any] | None:
    """The card of a whole and undamaged package, or None."""
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        identity = card["identity"]
        sound = card["format"] == FORMAT and folder.name == folder_name(identity)
        for segment in card["segments"]:
            file = folder / segment["file"]
            sound = sound and file.stat().st_size == segment["bytes"]
            sound = sound and sha256_file(file) == segment["sha256"]
        if sound and "tokens" in identity:
            digest = sha256_file(folder / "tokenizer.json")
            sound = digest == identity["tokens"]["tokenizer_sha256"]
        return card if sound else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remove_older(folder: Path) -> None:
    """Removes the other packages of this one's name, so that the name means this one."""
    name = folder.name.rsplit("@", 1)[0]
    for other in folder.parent.glob(f"{name}@*"):
        if other != folder:
            shutil.rmtree(other)


def find(out: Path, name: str, recipe: str) -> Path | None:
    """The sound package of this name that this very recipe made."""
    for folder in sorted(out.glob(f"{name}@*")):
        card = read_card(folder)
        if card is not None and card["about"].get("recipe") == recipe:
            return folder
    return None
