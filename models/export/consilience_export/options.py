"""What a user may choose about an import."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

DTYPES = ("f32", "bf16", "f16")
_FLAGS = {"poolings": "--pool", "architecture": "--arch"}


@dataclass(frozen=True)
class ImportOptions:
    """Choices of one import; None: what the model itself says."""

    name: str | None = None
    layers: str = "all"  # all | last | every:N | NAME,NAME
    poolings: tuple[str, ...] | None = None
    dtype: str = "f32"  # of the stored weights
    image_size: int | None = None
    max_tokens: int | None = None
    segments: int = 1
    pixels: str = "pil-exact"  # the implementation that resizes pictures
    architecture: str | None = None  # of a checkpoint
    card: Path | None = None  # of a TorchScript file
    requests_per_second: float | None = None  # of an endpoint

    def asked(self, *names: str) -> list[str]:
        """The flags of those choices that somebody made."""
        usual = ImportOptions()
        made = [name for name in names if getattr(self, name) != getattr(usual, name)]
        return [_FLAGS.get(name, f"--{name.replace('_', '-')}") for name in made]

    def as_json(self) -> dict[str, Any]:
        return {key: str(value) for key, value in asdict(self).items() if value is not None}
