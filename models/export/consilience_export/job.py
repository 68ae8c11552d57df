"""One model that is to be imported: a spec or an entry of the zoo, with the user's choices."""

import difflib
from dataclasses import dataclass, field
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


def of_zoo(model: ZooModel, options: ImportOptions) -> Job:
    """A model of the zoo: from the hub, or from packages through a loader of sources/pypi."""
    spec = Spec("pypi", model.loader) if model.loader else specs.parse(model.facts["import"])
    return Job(options.name or model.name, spec, options, model.family, model.facts)


def of_word(word: str, zoo: Zoo, options: ImportOptions) -> Job:
    """A bare word names a model of the zoo; everything else is a spec."""
    if word in zoo.models:
        return of_zoo(zoo.models[word], options)
    if ":" not in word:
        near = difflib.get_close_matches(word, zoo.models, 1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise UsageError(
            f"no model {word!r} in the zoo{hint}: `consilience models zoo` lists them; or give "
            f"{', '.join(specs.KINDS)}:.."
        )
    spec = specs.parse(word)
    return Job(options.name or spec.name, spec, options)
