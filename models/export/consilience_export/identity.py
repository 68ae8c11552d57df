"""The hash that names a package. Needs no torch, so that finding one is quick."""

import hashlib
import json
from typing import Any

FORMAT = "consilience-card/1"


def hashable(value: Any) -> Any:
    """The same value with every float as its shortest exact string."""
    if isinstance(value, dict):
        return {str(key): hashable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [hashable(item) for item in value]
    if isinstance(value, float):
        return repr(value)
    return value


def canonical_json(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def identity_hash(identity: dict[str, Any]) -> str:
    return hashlib.sha256(canonical_json(identity)).hexdigest()
