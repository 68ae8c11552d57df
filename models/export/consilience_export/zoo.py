"""The zoo: which models there are, and what is known about them. Read from models/zoo/*.toml."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from consilience_export import zoo_family
from consilience_export.errors import ExportError, UsageError

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "zoo"


@dataclass(frozen=True)
class ZooModel:
    """One model of the zoo. `loader` is empty for a model of the hub, which facts["import"] names.

    Facts (where known): parameters (of the network without its classifier; of a language model with
    its output matrix; of a tower without its projection), layers (blocks), width, licence, gated,
    variant and variant_of, pretraining_step, pretraining_tokens, checked ..
    """

    name: str
    loader: str
    family: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Whether the model belongs to the large zoo only (`--full`)."""
        return bool(self.facts.get("full", False))

    @property
    def checkpoint(self) -> bool:
        """Whether it is a model on its way: such come by name or family, not with everything."""
        return "checkpoint_of" in self.facts

    def describe(self) -> dict[str, Any]:
        """One flat row for a listing: name, family, and every fact."""
        return {"name": self.name, "family": self.family} | self.facts


@dataclass(frozen=True)
class Zoo:
    models: dict[str, ZooModel]
    families: dict[str, list[str]]

    def select(self, names: list[str], families: list[str], everything: bool, full: bool):
        """The models asked for, each once, in order; `everything`: all that need no hub.

        Large models come by name or with `full`.
        """
        wanted: list[str] = []
        for family in families:
            if family not in self.families:
                raise UsageError(f"no family {family!r}; there are: {', '.join(self.families)}")
            wanted += self.families[family]
        if everything:
            wanted += [name for name, model in self.models.items() if model.loader]
        wanted = [name for name in wanted if full or not self.models[name].full]
        for name in names:
            if name not in self.models:
                raise UsageError(f"no model {name!r} in the zoo{self.nearest(name)}")
        return [self.models[name] for name in dict.fromkeys(names + wanted)]

    def nearest(self, name: str) -> str:
        """`; did you mean 'x'?`, or nothing."""
        return zoo_family.nearest(name, self.models)


def _check_joins(folder: Path, zoo: Zoo, described_in: dict[str, Path]) -> None:
    for family, members in zoo.families.items():
        file = folder / f"{family}.toml"
        for name in members:
            if name not in zoo.models:
                raise ExportError(
                    f"{file}: model {name!r} is described nowhere{zoo.nearest(str(name))}"
                )
        if len(set(members)) < len(members):
            raise ExportError(f"{file}: models: a name stands there twice")
    for name, model in zoo.models.items():
        base = model.facts.get("variant_of", name)
        if base not in zoo.models:
            raise ExportError(
                f"{described_in[name]}: model {name!r}: variant_of {base!r} is described nowhere"
                f"{zoo.nearest(base)}"
            )


def load(folder: Path = DEFAULT_FOLDER) -> Zoo:
    """Reads every family file; an ExportError names the file and what is wrong in it."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ExportError(f"{folder}: no zoo family (*.toml) there: run from a source checkout")
    models: dict[str, ZooModel] = {}
    families: dict[str, list[str]] = {}
    described_in: dict[str, Path] = {}
    for file in files:
        family = zoo_family.read(file)
        families[family.name] = family.models
        for name, facts in family.described.items():
            if name in models:
                raise ExportError(f"{file}: model {name!r} is described twice")
            described_in[name] = file
            known = {key: value for key, value in facts.items() if key != "loader"}
            models[name] = ZooModel(name, facts.get("loader", ""), family.title, known)
    zoo = Zoo(models, families)
    _check_joins(folder, zoo, described_in)
    return zoo
