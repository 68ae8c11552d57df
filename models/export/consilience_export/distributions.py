"""Files of installed distributions, found by their metadata: no code of theirs runs."""

import hashlib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from consilience_export.errors import ExportError


@dataclass(frozen=True)
class SourceFile:
    """One file of one installed distribution."""

    path: Path
    distribution: str
    version: str

    @property
    def origin(self) -> dict[str, str]:
        """As it stands in an identity."""
        return {
            "source": f"{self.distribution} {self.version}",
            "source_sha256": sha256_file(self.path),
        }


def find(distribution: str, suffix: str) -> SourceFile:
    """The one file of `distribution` whose path ends in `suffix`."""
    try:
        found = metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        raise ExportError(
            f"package {distribution} is not installed: install tools/requirements-models.txt "
            "(or -full.txt) with --no-deps"
        ) from None
    matches = [file for file in found.files or [] if str(file).endswith(suffix)]
    if len(matches) != 1:
        raise ExportError(
            f"package {distribution} {found.version}: expected one file *{suffix}, "
            f"found {len(matches)}: reinstall it"
        )
    path = Path(str(found.locate_file(matches[0])))
    if not path.is_file():
        raise ExportError(f"{path}: listed by {distribution}, but missing: reinstall it")
    return SourceFile(path, distribution, found.version)


def sha256_file(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
