"""The zoo: which models there are, and what is known about them. Read from models/zoo/*.toml."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from consilience_export.errors import ExportError, UsageError

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "zoo"


@dataclass(frozen=True)
class ZooModel:
    """One model of the zoo."""

    name: str
    loader: str
    family: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Whether the model belongs to the large zoo only (`--full`)."""
        return bool(self.facts.get("full", False))

    @property
    def packages(self) -> list[str]:
        """The distributions that hold the model's files."""
        return list(self.facts.get("packages", []))

    @property
    def trivial(self) -> bool:
        """Whether it is computed, not learnt: such a model has no twins."""
        return bool(self.facts.get("trivial", False))


@dataclass(frozen=True)
class Zoo:
    models: dict[str, ZooModel]
    families: dict[str, list[str]]

    def select(self, names: list[str], families: list[str], everything: bool, full: bool):
        """The models asked for, each once, in order. Large models come by name or with `full`."""
        wanted: list[str] = []
        for family in families:
            if family not in self.families:
                raise UsageError(f"no family {family!r}; there are: {', '.join(self.families)}")
            wanted += self.families[family]
        if everything:
            wanted += list(self.models)
        wanted = [name for name in wanted if full or not self.models[name].full]
        for name in names:
            if name not in self.models:
                raise UsageError(f"no model {name!r}; there are: {', '.join(self.models)}")
        return [self.models[name] for name in dict.fromkeys(names + wanted)]


def load(folder: Path = DEFAULT_FOLDER) -> Zoo:
    """Reads every family file; a name that no file describes is an error."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ExportError(f"{folder}: no zoo family (*.toml) there: run from a source checkout")
    models: dict[str, ZooModel] = {}
    families: dict[str, list[str]] = {}
    for file in files:
        try:
            family = tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise ExportError(f"{file}: not valid TOML: {error}") from None
        families[family["name"]] = family["models"]
        for name, facts in family.get("model", {}).items():
            facts = dict(facts)
            loader = facts.pop("loader")
            models[name] = ZooModel(name, loader, family.get("title", family["name"]), facts)
    for family, names in families.items():
        for name in names:
            if name not in models:
                raise ExportError(f"{folder}/{family}.toml: model {name!r} is described nowhere")
    return Zoo(models, families)
