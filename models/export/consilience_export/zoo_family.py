"""One file of models/zoo/*.toml: what it may say, and the models that it describes."""

import difflib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consilience_export import spec
from consilience_export.errors import ExportError, UsageError

VARIANTS = ("base", "instruct", "reasoning")
UNVERIFIED = "unverified"

_NAME = re.compile(r"[a-z0-9._-]+")
_DATE = re.compile(r"\d{4}(-\d{2}){0,2}")
_FAMILY_KEYS = {"name": str, "title": str, "models": list, "model": dict, "checkpoints": dict}
_CHECKPOINT_KEYS = {"models": list, "revision": str, "tokens_per_step": int, "steps": list}
_MODEL_KEYS = {
    "loader": str,
    "packages": list,
    "import": str,
    "source": str,
    "revision": str,
    "parameters": int,
    "layers": int,
    "width": int,
    "resolution": int,
    "resize_short_side": int,
    "objective": str,
    "data": str,
    "supervised_on": str,
    "quantised_from": str,
    "derived": str,
    "variant": str,
    "variant_of": str,
    "pretraining_tokens": int,
    "released": str,
    "licence": str,
    "gated": bool,
    "checked": str,
    "notes": str,
    "full": bool,
    "trivial": bool,
}
_MAY_BE_NOUGHT = {"parameters": "trivial"}  # key: what must be said beside a nought


@dataclass(frozen=True)
class Family:
    """`models`: the members' names, which other files may describe; `described`: name -> facts."""

    name: str
    title: str
    models: list[str]
    described: dict[str, dict[str, Any]]


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or nothing."""
    found = difflib.get_close_matches(word, list(known), 1)
    return f"; did you mean {found[0]!r}?" if found else ""


def _check_keys(place: str, table: dict[str, Any], known: dict[str, type]) -> None:
    for key, value in table.items():
        if key not in known:
            raise ExportError(f"{place}: unknown key {key!r}{nearest(key, known)}")
        if type(value) is not known[key]:
            expected = known[key].__name__
            raise ExportError(f"{place}: {key} = {value!r}: expected a value of type {expected}")


def _require(place: str, table: dict[str, Any], *keys: str) -> None:
    for key in keys:
        if not table.get(key):
            raise ExportError(f"{place}: {key} is missing: every entry says it")


def _check_source(place: str, facts: dict[str, Any]) -> None:
    if ("loader" in facts) == ("import" in facts):
        raise ExportError(f"{place}: expected either import, of a hub model, or loader")
    if "loader" in facts:
        return
    _require(place, facts, "revision", "checked")
    try:
        parsed = spec.parse(facts["import"])
    except UsageError:
        kinds = ", ".join(f"{kind}:" for kind in spec.KINDS)
        raise ExportError(f"{place}: import = {facts['import']!r}: expected {kinds} ..") from None
    if (parsed.revision or UNVERIFIED) != facts["revision"]:
        raise ExportError(
            f"{place}: revision {facts['revision']!r}: expected that of import, "
            f"{parsed.revision!r}, or {UNVERIFIED!r} where import has none"
        )


def _check_model(place: str, name: str, facts: dict[str, Any]) -> None:
    if not _NAME.fullmatch(name):
        raise ExportError(f"{place}: a model's name is made of a-z, 0-9, '.', '_' and '-'")
    _check_keys(place, facts, _MODEL_KEYS)
    _require(place, facts, "licence")
    _check_source(place, facts)
    for key, value in facts.items():
        nought = value == 0 and facts.get(_MAY_BE_NOUGHT.get(key, ""), False)
        if _MODEL_KEYS[key] is int and value <= 0 and not nought:
            raise ExportError(f"{place}: {key} = {value}: expected a positive number")
    if facts.get("variant", "base") not in VARIANTS:
        raise ExportError(f"{place}: variant {facts['variant']!r}: not one of {VARIANTS}")
    if "variant_of" in facts and facts.get("variant", "base") == "base":
        raise ExportError(f"{place}: variant_of is for the variants of a base, not for the base")
    if not _DATE.fullmatch(facts.get("released", "2000")):
        raise ExportError(f"{place}: released {facts['released']!r}: expected such as 2024-06")


def checkpoint(base: str, facts: dict[str, Any], table: dict[str, Any], step: int):
    """The name and the facts of one checkpoint: pythia-160m.step1000, at revision step1000."""
    revision = table["revision"].format(step=step)
    parsed = spec.parse(facts["import"])
    own = facts | {
        "import": str(spec.Spec(parsed.kind, parsed.where, revision, parsed.part)),
        "revision": revision,
        "checkpoint_of": base,
        "pretraining_step": step,
        "pretraining_tokens": step * table["tokens_per_step"],
    }
    return f"{base}.{revision.lower()}", own


def _checkpoints(place: str, described: dict[str, Any], table: dict[str, Any]):
    _check_keys(place, table, _CHECKPOINT_KEYS)
    _require(place, table, *_CHECKPOINT_KEYS)
    steps = table["steps"]
    if any(type(step) is not int or step < 0 for step in steps) or steps != sorted(set(steps)):
        raise ExportError(f"{place}: steps: expected numbers of 0 or more, growing")
    if "{step}" not in table["revision"]:
        raise ExportError(f"{place}: revision {table['revision']!r}: expected {{step}} in it")
    for base in table["models"]:
        if described.get(base, {}).get("revision") != UNVERIFIED:
            raise ExportError(f"{place}: {base!r}: no hub model of this file, free of a revision")
        yield from (checkpoint(base, described[base], table, step) for step in steps)


def read(file: Path) -> Family:
    """Reads and checks a family file; an ExportError names the file, the model and the key."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ExportError(f"{file}: not valid TOML: {error}") from None
    _check_keys(str(file), table, _FAMILY_KEYS)
    _require(str(file), table, "name", "title", "models")
    if table["name"] != file.stem:
        raise ExportError(f"{file}: name {table['name']!r}: expected that of the file")
    described = table.get("model", {})
    for name, facts in described.items():
        _check_model(f"{file}: model {name!r}", name, facts)
    if "checkpoints" in table:
        described |= dict(_checkpoints(f"{file}: checkpoints", described, table["checkpoints"]))
    return Family(table["name"], table["title"], table["models"], described)
