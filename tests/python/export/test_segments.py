"""Networks cut into files that run one after another give the bits of the uncut ones."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import runner
import torch
from consilience_export import build, segments
from consilience_export.architectures.text import text_encoder
from consilience_export.architectures.text_families import FAMILIES
from consilience_export.errors import ExportError, UsageError
from consilience_export.importing import import_model
from consilience_export.job import Job
from consilience_export.options import ImportOptions
from consilience_export.spec import Spec
from safetensors.torch import load_file, save_file
from tiny import tiny_lite
from tiny_text import network, word_tokenizer

FACTS = {"parameters": 1, "licence": "none", "source": "made here", "objective": "none"}
KINDS = ["llama", "bert", "gpt2", "deberta-v2"]
BLOCKS = {"gpt2": "n_layer"}


def encoder(kind: str, blocks: int = 3):
    model = network(kind, **{BLOCKS.get(kind, "num_hidden_layers"): blocks})
    tokens = word_tokenizer(special=FAMILIES[kind].causal is None)
    return text_encoder(model, tokens, padding_id=0)


def batches():
    """Another length and batch than the network was traced with, and padding on either side."""
    generator = torch.Generator().manual_seed(3)
    for rows, length, empty in ((1, 1, []), (3, 9, [(1, slice(5, 9))]), (2, 20, [(0, slice(8))])):
        mask = torch.ones(rows, length, dtype=torch.long)
        for row, where in empty:
            mask[row, where] = 0
        ids = torch.randint(5, 64, (rows, length), generator=generator) * mask
        yield ids, mask


@pytest.mark.parametrize("kind", KINDS)
def test_three_segments_have_the_bits_of_one(kind, tmp_path):
    made = encoder(kind)
    before = {name: tensor.clone() for name, tensor in made.original.state_dict().items()}
    whole = segments.load(segments.save(made, tmp_path, 1))
    files = segments.save(made, tmp_path, 3)
    assert [file.name for file in files] == ["model-0.ts", "model-1.ts", "model-2.ts"]
    cut = segments.load(files)
    for ids, mask in batches():
        with torch.inference_mode():
            expected, found = whole(ids, mask), cut(ids, mask)
        assert len(expected) == len(found) == len(made.layers) + bool(made.scalars)
        assert all(torch.equal(a, b) for a, b in zip(expected, found, strict=True))
    after = made.original.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(tensor, before[name]) for name, tensor in after.items())


def test_weights_of_the_blocks_and_the_embedding_are_in_one_file_each(tmp_path):
    made = encoder("bert")
    files = segments.save(made, tmp_path, 3)
    for number, file in enumerate(files):
        names = {name for name, _ in segments.load([file]).named_parameters()}
        blocks = {name.split("encoder.layer.")[1][0] for name in names if ".layer." in name}
        assert blocks == {str(number)}
        assert any("word_embeddings" in name for name in names) == (number == 0)


def test_fewer_layers_may_be_kept(tmp_path):
    made = build.keep(encoder("llama"), [1, 4])
    whole = segments.load(segments.save(made, tmp_path, 1))
    cut = segments.load(segments.save(made, tmp_path, 3))
    ids, mask = list(batches())[1]
    found = cut(ids, mask)
    assert len(found) == 3
    assert all(torch.equal(a, b) for a, b in zip(whole(ids, mask), found, strict=True))


def test_what_is_not_cut_is_refused(tmp_path):
    with pytest.raises(UsageError, match="the network has 3 blocks"):
        segments.save(encoder("llama"), tmp_path, 4)
    with pytest.raises(UsageError, match="only text networks are cut"):
        segments.save(tiny_lite(), tmp_path, 2)
    made = text_encoder(network("t5"), word_tokenizer(), padding_id=0)
    with pytest.raises(ExportError, match="hand over more than hidden states"):
        segments.save(made, tmp_path, 2)
    assert not list(tmp_path.iterdir())


def imported(kind: str, count: int, out: Path, monkeypatch) -> Path:
    monkeypatch.setattr(build, "load", lambda job: encoder(kind))
    out.mkdir(exist_ok=True)
    options = replace(ImportOptions(), segments=count)
    (folder,) = import_model(Job("tiny", Spec("pypi", "tiny"), options, "Tiny", FACTS), 0, out)
    return folder


@pytest.mark.parametrize("kind", ["llama", "bert"])
def test_a_package_lists_its_segments_and_keeps_its_identity(kind, tmp_path, monkeypatch):
    whole = imported(kind, 1, tmp_path / "whole", monkeypatch)
    cut = imported(kind, 3, tmp_path / "cut", monkeypatch)
    assert whole.name == cut.name  # cut or not, the same features
    card = json.loads((cut / "card.json").read_text())
    assert [segment["file"] for segment in card["segments"]] == [f"model-{i}.ts" for i in range(3)]
    assert imported(kind, 3, tmp_path / "cut", monkeypatch) == cut  # kept
    inputs = {}
    for number, (ids, mask) in enumerate(batches()):
        inputs |= {f"{number}.ids": ids, f"{number}.mask": mask}
    for folder in (whole.parent, cut.parent):
        save_file(inputs, folder / "inputs.safetensors")
    runner.run(whole.parent, cut.parent)
    expected = load_file(whole.parent / "found.safetensors")
    found = load_file(cut.parent / "found.safetensors")
    assert list(found) == list(expected)
    assert all(torch.equal(found[name], tensor) for name, tensor in expected.items())
