"""Captions to the vectors of an endpoint, through a cache: what was answered is never asked again.

See docs/model-package.md.
"""

import hashlib
import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from consilience_export import whole_file
from consilience_export.endpoint import Endpoint, Pace
from consilience_export.errors import ExportError, TransientError
from consilience_export.identity import identity_hash
from consilience_export.probe import fingerprint, same_fingerprint
from consilience_export.token_pack import read_captions

BATCH = 16  # texts in a request: TEI refuses more than 32 unless told otherwise
_REPORT_SECONDS = 10.0
_OF_AN_ENDPOINT = ("api", "url", "model", "width", "fingerprint")


class Cache:
    """Vectors by what they answer: endpoint, model, its fingerprint and the text."""

    def __init__(self, folder: Path, endpoint: dict[str, Any]):
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "answers.sqlite"
        self._scope = identity_hash(endpoint).encode()
        with self._told():
            self._database = sqlite3.connect(self.path, timeout=60)
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, vector BLOB NOT NULL)"
            )

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:  # locked, or the disk is full
            raise TransientError(f"{self.path}: {error}: try again later") from None
        except sqlite3.Error as error:
            raise ExportError(f"{self.path}: {error}: remove it, or name another --cache") from None

    def close(self) -> None:
        self._database.close()

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(self._scope + b"\0" + text.encode()).digest()

    def get(self, text: str) -> np.ndarray | None:
        with self._told():
            row = self._database.execute(
                "SELECT vector FROM answers WHERE key = ?", (self._key(text),)
            ).fetchone()
        return None if row is None else np.frombuffer(row[0], dtype="<f4")

    def put(self, texts: list[str], vectors: np.ndarray) -> None:
        rows = [
            (self._key(text), vector.astype("<f4").tobytes())
            for text, vector in zip(texts, vectors, strict=True)
        ]
        with self._told(), self._database:
            self._database.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?)", rows)


def read_endpoint(package: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The `endpoint` of a package's identity, and its `runtime`."""
    file = package / "card.json"
    try:
        card = json.loads(file.read_text(encoding="utf-8"))
        endpoint = card["identity"]["endpoint"]
        found = {key: endpoint[key] for key in _OF_AN_ENDPOINT}
        return found, dict(card.get("runtime", {}))
    except (OSError, ValueError) as error:
        raise ExportError(f"{file}: cannot be read: {error}") from None
    except (KeyError, TypeError, AttributeError):
        raise ExportError(
            f"{file}: not an endpoint's: identity.endpoint lacks some of "
            f"{', '.join(_OF_AN_ENDPOINT)}"
        ) from None


def _check_unchanged(service: Endpoint, endpoint: dict[str, Any], package: Path) -> None:
    found = fingerprint(service)
    what = None
    if found.width != endpoint["width"]:
        what = f"vectors of {found.width} numbers, the card says {endpoint['width']}"
    elif not same_fingerprint(found.cosines, endpoint["fingerprint"]):
        what = "other vectors than at import"
    if what:
        raise ExportError(
            f"{service.address}: the model behind it has changed: {what}. Its features would not "
            f"be those of {package.name}: import it again under another --name"
        )


def _batches(texts: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]


def _ask_for(missing: list[str], service: Endpoint, width: int, cache: Cache, total: int) -> None:
    done = total - len(missing)
    reported = time.monotonic()
    for batch in _batches(missing):
        try:
            vectors = service.embed(batch)
        except TransientError as error:
            raise TransientError(
                f"{error}; {done} of {total} texts are answered and kept: run again to go on"
            ) from None
        if vectors.shape[1] != width:
            raise ExportError(
                f"{service.address}: expected vectors of {width} numbers, found {vectors.shape[1]}"
            )
        cache.put(batch, vectors)
        done += len(batch)
        if time.monotonic() - reported > _REPORT_SECONDS:
            reported = time.monotonic()
            print(f"{service.address}: {done} of {total} texts", file=sys.stderr)


def embed(package: Path, captions: list[str], cache_folder: Path, pace: Pace) -> np.ndarray:
    """float32 [n, width]; equal captions are asked once, known ones never."""
    endpoint, runtime = read_endpoint(package)
    if pace.requests_per_second is None:
        pace.requests_per_second = runtime.get("requests_per_second")
    service = Endpoint(endpoint["url"], endpoint["api"], endpoint["model"], pace)
    texts = list(dict.fromkeys(captions))
    with closing(Cache(cache_folder, endpoint)) as cache:
        missing = [text for text in texts if cache.get(text) is None]
        if missing:
            _check_unchanged(service, endpoint, package)
            _ask_for(missing, service, endpoint["width"], cache, len(texts))
        known = {text: cache.get(text) for text in texts}
    print(f"{service.address}: asked for {len(missing)} of {len(texts)} texts", file=sys.stderr)
    return np.stack([known[text] for text in captions])


def write(package: Path, captions_path: Path, cache: Path, out: Path, pace: Pace) -> int:
    """Writes `embeddings` whole or not at all; returns the number of captions."""
    captions = read_captions(captions_path)
    if not captions:
        raise ExportError(f"{captions_path}: no captions in it")
    vectors = embed(package, captions, cache, pace)
    whole_file.write(out, save({"embeddings": vectors.astype(np.float32)}))
    return len(captions)
