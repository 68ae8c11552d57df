"""What is special about vision families; test_matrix.py imports all of them."""

import json
from dataclasses import asdict

import pytest
import tiny_vision
import torch
from consilience_export import build
from consilience_export.importing import import_model
from consilience_export.job import Job
from consilience_export.options import ImportOptions
from consilience_export.spec import parse
from consilience_export.torchscript import trace
from expected_cards import PREFIXED


def files_of(name, folder):
    if name in tiny_vision.TIMM:
        return tiny_vision.save_timm(name, folder)
    return tiny_vision.save_hf(name, folder)


def job(files, **options):
    return Job("tiny", parse(files.spec), ImportOptions(**(files.options | options)))


def imported(files, out, twins=0, **options):
    out.mkdir(exist_ok=True)
    folders = list(import_model(job(files, **options), twins, out))
    return folders, json.loads((folders[0] / "card.json").read_text())


@pytest.mark.parametrize("name", PREFIXED)
def test_prefix_tokens_are_the_ones_in_front_of_the_patches(name, tmp_path):
    encoder = build.load(job(files_of(name, tmp_path)))
    assert encoder.prefix_tokens == PREFIXED[name]
    hidden, _ = encoder.reference(torch.zeros(3, 32, 32))
    assert len(hidden[1]) == PREFIXED[name] + 16


@pytest.mark.parametrize("dtype", ["bf16", "f16"])
@pytest.mark.parametrize("name", ["timm-vit", "timm-resnet", "dinov3_vit", "convnext"])
def test_weights_of_16_bits(name, dtype, tmp_path):
    files = files_of(name, tmp_path / "source")
    (folder,), card = imported(files, tmp_path / "out", dtype=dtype)
    assert card["identity"]["dtype"] == dtype
    module = trace.load(folder / "model.ts")
    assert {str(p.dtype) for p in module.parameters()} == {
        {"bf16": "torch.bfloat16", "f16": "torch.float16"}[dtype]
    }


@pytest.mark.parametrize("name", ["timm-vit", "timm-dinov3", "timm-resnet", "vit", "dinov2"])
def test_another_picture_size_resamples_the_positions(name, tmp_path):
    files = files_of(name, tmp_path / "source")
    usual = build.load(job(files))
    _, card = imported(files, tmp_path / "out", image_size=48)
    assert card["identity"]["pixels"]["crop"] == 48
    assert card["identity"]["layers"] == [asdict(layer) for layer in usual.layers]


@pytest.mark.parametrize("name", ["timm-vit", "timm-mobilenetv3", "dinov2", "dinov3_convnext"])
def test_twins_share_layers_and_no_tensor(name, tmp_path):
    files = files_of(name, tmp_path / "source")
    folders, card = imported(files, tmp_path / "out", twins=1)
    twin = json.loads((folders[1] / "card.json").read_text())
    assert twin["identity"]["layers"] == card["identity"]["layers"]
    assert twin["identity"]["tensors_sha256"] != card["identity"]["tensors_sha256"]


def test_some_layers_and_poolings(tmp_path):
    files = tiny_vision.save_timm("timm-dinov2", tmp_path / "source")
    chosen = {"layers": "embedding,final_norm", "poolings": ("patches",)}
    _, card = imported(files, tmp_path / "out", **chosen)
    assert [layer["name"] for layer in card["identity"]["layers"]] == ["embedding", "final_norm"]
    assert card["identity"]["poolings"] == ["patches"]


@pytest.mark.parametrize("kind", tiny_vision.PAIRS)
def test_the_towers_of_a_pair_meet_in_their_own_space(kind, tmp_path):
    whole = tiny_vision.pair(kind)
    pixels, ids = torch.randn(2, 3, 32, 32), torch.tensor([[2, 7, 8, 9, 3], [2, 30, 3, 0, 0]])
    mask = (ids > 0).long()
    with torch.no_grad():
        picture = whole.get_image_features(pixels).pooler_output
        padded = {"input_ids": torch.nn.functional.pad(ids, (0, 11))}  # as SigLIP wants it
        text = {"input_ids": ids, "attention_mask": mask} if kind == "clip" else padded
        caption = whole.get_text_features(**text).pooler_output
    for part, arguments, own, pooling in (
        ("vision", (pixels,), picture, "first" if kind == "clip" else "mean"),
        ("text", (ids, mask), caption, "last"),
    ):
        files = tiny_vision.save_pair(kind, tmp_path / part, part)
        encoder = build.load(job(files))
        last = encoder.layers[-1]
        assert (last.name, last.kind, last.width) == ("projection", "head", own.size(1))
        with torch.no_grad():
            got = encoder.module(*arguments)[-1]
        index = encoder.poolings.index(pooling)
        torch.testing.assert_close(got[:, index], own, rtol=1e-4, atol=1e-5)


def test_a_pair_of_16_bits(tmp_path):
    for part in ("vision", "text"):
        files = tiny_vision.save_pair("clip", tmp_path / part, part)
        _, card = imported(files, tmp_path / "out", dtype="bf16")
        assert card["identity"]["dtype"] == "bf16"
