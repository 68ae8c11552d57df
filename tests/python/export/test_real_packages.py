"""The packages of the store, where an export has made them: each still whole and right."""

import json
import os
from pathlib import Path

import pytest
import torch
from consilience_export import package, zoo
from consilience_export.torchscript import graph_lint, trace
from consilience_export.torchscript.artefact import prepared
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parents[3]
STORE = Path(os.environ.get("CONSILIENCE_STORE", ROOT / "store")) / "models"
FOLDERS = sorted(STORE.glob("*@*"))


@pytest.mark.skipif(not FOLDERS, reason=f"{STORE}: no packages exported")
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_package_is_whole_and_described(folder):
    card = package.read_card(folder)
    assert card is not None, "digests or name do not fit the card"
    identity, about = card["identity"], card["about"]
    name = about.get("twin_of", identity["name"])
    facts = zoo.load().models[name].facts
    assert about["parameters"] == facts["parameters"] and about["licence"] == facts["licence"]
    labels = [layer["name"] for layer in identity["layers"]]
    assert list(about["measured_error"])[: len(labels)] == labels
    for key in ("derived", "quantised_from", "supervised_on"):
        assert (key in about) == (key in facts and about["role"] == "trained")


def packaged(name: str):
    found = [folder for folder in FOLDERS if folder.name.startswith(f"{name}@")]
    if not found:
        pytest.skip(f"{STORE}: {name} is not exported")
    card = json.loads((found[0] / "card.json").read_text())
    return found[0], card, trace.load(found[0] / "model.ts")


def features(name: str, texts: list[str]) -> list[torch.Tensor]:
    """All outputs for a few texts, padded right."""
    folder, card, module = packaged(name)
    assert graph_lint.problems(module) == []
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    encoded = [tokenizer.encode(text).ids for text in texts]
    ids = torch.full((len(texts), max(map(len, encoded))), card["identity"]["tokens"]["padding_id"])
    mask = torch.zeros_like(ids)
    for row, tokens in enumerate(encoded):
        ids[row, : len(tokens)], mask[row, : len(tokens)] = torch.tensor(tokens), 1
    with torch.inference_mode():
        return module(ids, mask)


TEXTS = ["a cat sat on the mat", "a kitten rests on a rug", "interest rates rose sharply in March"]


@pytest.mark.parametrize("name", ["minilm-l3", "minilm-l6"])
def test_sentence_encoders_know_what_is_similar(name):
    mean = torch.nn.functional.normalize(features(name, TEXTS)[-1][:, -1], dim=1)
    similarity = mean @ mean.T
    assert similarity[0, 1] > 0.5 > similarity[0, 2]


def test_language_model_prefers_language():
    nll, tokens = features("smollm2-135m", ["The cat sat on the mat.", "mat the on sat cat The."])[
        -1
    ].T
    assert (tokens > 4).all()
    assert nll[0] / tokens[0] < nll[1] / tokens[1] - 1


def test_classifier_features_do_not_depend_on_the_batch():
    _, card, module = packaged("efficientnet-lite0")
    ready = prepared(module, card["runtime"])
    crop = card["identity"]["pixels"]["crop"]
    pixels = torch.linspace(-1, 1, 2 * 3 * crop * crop).reshape(2, 3, crop, crop)
    with torch.inference_mode():
        both, alone = ready(pixels), ready(pixels[1:])
    for a, b in zip(both, alone, strict=True):
        torch.testing.assert_close(a[1:], b, rtol=1e-4, atol=1e-5)
