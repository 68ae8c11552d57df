"""What a package is made from, as one hash: when it is unchanged, so is the package."""

import functools
import hashlib
from importlib import metadata
from pathlib import Path

from consilience_export.identity import canonical_json, hashable
from consilience_export.zoo import ZooModel


@functools.cache
def _code() -> bytes:
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for file in sorted(root.rglob("*.py")):
        digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return digest.digest()


def recipe(model: ZooModel, seed: int | None) -> str:
    """sha256 over the exporter's code, the zoo's entry, the records of its packages, the seed."""
    digest = hashlib.sha256(_code())
    entry = {"name": model.name, "family": model.family, "loader": model.loader}
    digest.update(canonical_json(hashable(entry | model.facts | {"seed": seed})))
    for package in ["torch", "transformers", "tokenizers", *model.packages]:
        try:
            digest.update((metadata.distribution(package).read_text("RECORD") or "").encode())
        except metadata.PackageNotFoundError:
            digest.update(b"absent")
    return digest.hexdigest()
