"""Every family, imported and run by the engine's runner, beside its original in eager PyTorch.

The one place where all of them are imported; other files test what is special.

CONSILIENCE_WRITE_DOCS=1 writes what was measured to docs/models.md.
"""

import json
import os
from pathlib import Path

import expected_cards
import matrix
import pytest
import runner
from safetensors.torch import load_file

DOCS = runner.ROOT / "docs/models.md"
ENTRIES = matrix.entries()
MEASURED: dict[str, str] = {}


def largest_errors(folder: Path, card: dict) -> dict[str, float]:
    """|runner - original| of each layer over all batches; an assertion where the bound breaks."""
    found, expected = (load_file(folder / f"{side}.safetensors") for side in ("found", "expected"))
    assert set(found) == set(expected)
    bound = {key: float(value) for key, value in card["identity"]["error_bound"].items()}
    errors: dict[str, float] = {}
    for name, got in found.items():
        want = expected[name]
        assert got.shape == want.shape, name
        error = (got - want).nan_to_num(nan=float("inf")).abs().max().item()
        assert error <= bound["absolute"] + bound["relative"] * want.abs().max().item(), name
        layer = name.split(".", 1)[1]
        errors[layer] = max(errors.get(layer, 0.0), error)
    return errors


def row(entry: matrix.Entry, card: dict, errors: dict[str, float]) -> str:
    identity = card["identity"]
    kinds = [layer["kind"] for layer in identity["layers"]]
    parts = [f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)]
    normed = any(layer["normed"] for layer in identity["layers"] if layer["kind"] == "block")
    worst = max(errors, key=errors.get)
    return " | ".join(
        [
            f"| {entry.family}",
            entry.modality,
            ", ".join(parts) + (" (blocks end in their norm)" if normed else ""),
            ", ".join(identity["poolings"]),
            ", ".join(identity["scalars"]) or "-",
            f"{errors[worst]:.1e} ({worst}) |",
        ]
    )


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_runner_gives_what_the_original_gives(entry, tmp_path):
    package = matrix.make(entry, tmp_path)
    folder = tmp_path / entry.name
    card = json.loads((package / "card.json").read_text(encoding="utf-8"))
    expected_cards.check(entry.name, card)
    runner.run(folder)
    MEASURED[entry.name] = row(entry, card, largest_errors(folder, card))


HEAD = """\
# The export matrix

What `tests/python/export/test_matrix.py` measured: a tiny random network of every family is saved
as its users save theirs, imported, and run by the engine's runner on batches of 1 to 4 (texts of 1
token up to the longest, padded right and left; 1 and 3 pictures; recordings of several lengths).
The original runs eagerly on every sample alone, unpadded. The error is the largest absolute
difference over all layers, poolings and batches; features are of the order of 1, scalars (sums of
negative log-likelihoods) of hundreds. Every layer is
held to its card's bound, and every real model is verified in the same way when it is imported.

| family | modality | layers | poolings | scalars | largest error |
|---|---|---|---|---|---|
"""


def without_errors(line: str) -> str:
    return line.rsplit(" | ", 1)[0]


def test_the_table_is_that_of_the_docs():
    if len(MEASURED) != len(ENTRIES):
        pytest.skip("only some families were measured")
    lines = [MEASURED[entry.name] for entry in ENTRIES]
    if os.environ.get("CONSILIENCE_WRITE_DOCS"):
        DOCS.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    written = DOCS.read_text(encoding="utf-8")
    assert written.startswith(HEAD)
    table = written[len(HEAD) :].splitlines()
    assert [without_errors(line) for line in table] == [without_errors(line) for line in lines]
