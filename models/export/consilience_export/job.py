"""One model that is to be imported: a spec or an entry of the zoo, with the user's choices."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from consilience_export import spec as specs
from consilience_export.errors import UsageError
from consilience_export.options import ImportOptions
from consilience_export.spec import Spec
from consilience_export.zoo import Zoo, ZooModel


@dataclass(frozen=True)
class Job:
    """`facts` are the zoo's: licence, parameters, packages .. (empty for a bare spec)."""

    name: str
    spec: Spec
    options: ImportOptions
    family: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def packages(self) -> list[str]:
        """The Python distributions that hold the model's files."""
        return list(self.facts.get("packages", []))

    @property
    def trivial(self) -> bool:
        """Whether it is computed, not learnt: such a model has no twins."""
        return bool(self.facts.get("trivial", False))


# What one kind of spec takes alone, and what has no random twins.
_OF_ONE_KIND = {"architecture": "checkpoint", "card": "torchscript", "requests_per_second": "api"}
_WITHOUT_TWINS = {
    "api": "a service has none: its network is not here",
    "torchscript": "an artefact of your own has none: its code is not known",
}


def check_options(jobs: list[Job], twins: int) -> None:
    """Raises UsageError for what somebody chose and no job can do."""
    for job in jobs:
        if twins and (why := _WITHOUT_TWINS.get(job.spec.kind)):
            raise UsageError(f"{job.spec}: --twins {twins}: {why}")
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", job.name):
            raise UsageError(
                f"--name {job.name}: expected a-z, 0-9, '.', '_' and '-', as in vit-b.2"
            )
    kinds = {job.spec.kind for job in jobs}
    for name, kind in _OF_ONE_KIND.items():
        if kind not in kinds and (flags := jobs[0].options.asked(name)):
            raise UsageError(f"{flags[0]} goes with {kind}:.., which is not among the models")


def of_zoo(model: ZooModel, options: ImportOptions) -> Job:
    """A model of the zoo: from the hub, or from packages through a loader of sources/pypi."""
    spec = Spec("pypi", model.loader) if model.loader else specs.parse(model.facts["import"])
    return Job(options.name or model.name, spec, options, model.family, model.facts)


def _as_path(word: str) -> str | None:
    """The spec of a file or folder of that name."""
    path = Path(word).expanduser()
    if path.is_dir():
        return f"{'st' if (path / 'modules.json').is_file() else 'hf'}:{word}"
    kind = specs.kind_of_file(word) if path.is_file() else None
    return f"{kind}:{word}" if kind else None


def of_word(word: str, zoo: Zoo, options: ImportOptions) -> Job:
    """A bare word names a model of the zoo; everything else is a spec."""
    if word in zoo.models:
        return of_zoo(zoo.models[word], options)
    if word in zoo.families:
        raise UsageError(f"{word!r} is a family of the zoo: --zoo {word}")
    if ":" not in word:
        if path := _as_path(word):
            raise UsageError(
                f"{word!r} is no model of the zoo; if you mean what lies there: {path}"
            )
        raise UsageError(
            f"no model {word!r} in the zoo{zoo.nearest(word)}: `consilience models zoo` lists "
            f"them; or say what it is: {', '.join(f'{kind}:..' for kind in specs.KINDS)}"
        )
    spec = specs.parse(word)
    return Job(options.name or spec.name, spec, options)
