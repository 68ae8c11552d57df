"""Files that are cut, empty or of another type end in one sentence, and leave nothing behind."""

import json
import shutil

import pytest
import test_audio
import test_gguf
import test_own_sources
import test_sources_text
import tiny_text
import tiny_vision
import torch
from consilience_export.cli import main
from safetensors.torch import load_file, save_file


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """One of every kind of source; tests work on copies."""
    root = tmp_path_factory.mktemp("whole")
    tiny_text.save("bert", root / "text")
    tiny_vision.save_hf("vit", root / "vision")
    test_audio.network("wav2vec2").save_pretrained(root / "audio")
    (root / "audio" / "preprocessor_config.json").write_text('{"sampling_rate": 1000}')
    bert = tiny_text.save("bert", root / "sentence")
    test_sources_text.sentence_folder(bert, {"pooling_mode": "mean"})
    test_gguf.write("llama", root / "tiny.gguf")
    tiny_vision.save_timm("timm-vit", root)
    torch.save(load_file(root / "timm-vit.safetensors"), root / "vit.pt")
    test_own_sources.save_artefact(test_own_sources.Artefact(), root / "own.ts")
    return root


@pytest.fixture
def refused(tmp_path, capsys):
    def check(*words):
        out = tmp_path / "out"
        assert main(["import", *map(str, words), "--out", str(out)]) == 3
        told = [line for line in capsys.readouterr().err.splitlines() if "consilience" in line]
        assert len(told) == 1 and len(told[0]) < 1000
        assert [file.name for file in out.iterdir()] == [".import.lock"]

    return check


@pytest.fixture
def copied(whole, tmp_path):
    def copy(name):
        if (whole / name).is_dir():
            return shutil.copytree(whole / name, tmp_path / name, dirs_exist_ok=True)
        return shutil.copy(whole / name, tmp_path / name)

    return copy


def cut(file):
    """At every place where a reader of the format may stop."""
    content = file.read_bytes()
    for length in (0, 4, 8, 20, 300, len(content) // 2, len(content) - 20):
        file.write_bytes(content[:length])
        yield


@pytest.mark.parametrize("name", ["text", "vision", "audio"])
def test_weights_that_are_cut(name, copied, refused):
    folder = copied(name)
    for _ in cut(folder / "model.safetensors"):
        refused(f"hf:{folder}")


def test_files_that_are_cut(copied, refused):
    file = copied("tiny.gguf")
    for _ in cut(file):
        refused(f"gguf:{file}")
    for name in ("timm-vit.safetensors", "vit.pt"):
        file = copied(name)
        for _ in cut(file):
            refused(f"checkpoint:{file}", "--arch", tiny_vision.TIMM["timm-vit"])
    archive, draft = copied("own.ts"), copied("own.json")
    for _ in cut(archive):
        refused(f"torchscript:{archive}", "--card", draft)


ODD_JSON = ("", "[]", "null", "{", '{"model_type": []}')
ODD_FILES = {
    "text": {
        "config.json": [*ODD_JSON, '{"model_type": "bert", "hidden_size": "x"}'],
        "tokenizer.json": [*ODD_JSON, '{"model": {}}'],
        "tokenizer_config.json": [*ODD_JSON[:4], '{"pad_token": 5}', '{"pad_token": {"a": 1}}'],
        "model.safetensors.index.json": ['{"weight_map": []}', '{"weight_map": {"a": 5}}'],
    },
    "vision": {
        "preprocessor_config.json": [
            *ODD_JSON[:4],
            '{"image_processor_type": "ViTImageProcessor", "resample": "x"}',
            '{"image_processor_type": "ViTImageProcessor", "rescale_factor": null}',
            '{"image_processor_type": "ViTImageProcessor", "image_mean": "x"}',
            '{"image_processor_type": "ViTImageProcessor", "size": {"height": "8", "width": "8"}}',
        ],
    },
    "audio": {"preprocessor_config.json": [*ODD_JSON, '{"sampling_rate": "x"}']},
    "sentence": {
        "modules.json": [*ODD_JSON, "[5]", '[{"type": "x.Transformer", "path": 5}]'],
        "1_Pooling/config.json": [*ODD_JSON, '{"pooling_mode": 5}', '{"pooling_mode": [[1]]}'],
        "2_Dense/config.json": [*ODD_JSON, '{"in_features": 24, "out_features": -1}'],
        "2_Dense/model.safetensors": ["", "x" * 40],
        "sentence_bert_config.json": ["[]", '{"max_seq_length": "x"}', '{"max_seq_length": 9.5}'],
    },
}


@pytest.mark.parametrize(
    ("name", "file"), [(name, file) for name, files in ODD_FILES.items() for file in files]
)
def test_files_of_another_type(name, file, copied, refused):
    for content in ODD_FILES[name][file]:
        folder = copied(name)
        if file == "model.safetensors.index.json":
            (folder / "model.safetensors").unlink()
        (folder / file).write_text(content)
        refused(f"{'st' if name == 'sentence' else 'hf'}:{folder}")


@pytest.mark.parametrize("dtype", [torch.int8, torch.int64, torch.bool, torch.complex64])
def test_weights_that_are_no_floats(dtype, copied, refused):
    folder, name = copied("text"), "encoder.layer.0.output.dense.weight"
    tensors = load_file(folder / "model.safetensors")
    tensors[name] = tensors[name].to(dtype)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    refused(f"hf:{folder}")
    file = copied("vit.pt")
    tensors = torch.load(file, weights_only=True)
    tensors["norm.weight"] = tensors["norm.weight"].to(dtype)
    torch.save(tensors, file)
    refused(f"checkpoint:{file}", "--arch", tiny_vision.TIMM["timm-vit"])


def test_checkpoints_of_another_type(copied, refused):
    file = copied("vit.pt")
    within = {}
    within["model"] = within
    sparse = {"norm.weight": torch.ones(24).to_sparse()}
    tensors = torch.load(file, weights_only=True)
    for content in ([1], None, {1: torch.ones(2)}, torch.ones(2), within, tensors | sparse):
        torch.save(content, file)
        refused(f"checkpoint:{file}", "--arch", tiny_vision.TIMM["timm-vit"])


ODD_VALUES = (None, 5, "x", [1], [[]], {"a": [1]}, True, -1, 1.5, [{}])


@pytest.mark.parametrize("key", ["modality", "layers", "poolings", "pixels", "about", "runtime"])
def test_drafts_of_another_type(key, copied, refused):
    archive, draft = copied("own.ts"), copied("own.json")
    good = json.loads(draft.read_text())
    for value in ODD_VALUES:
        draft.write_text(json.dumps(good | {key: value}))
        refused(f"torchscript:{archive}", "--card", draft)


def test_drafts_that_the_engine_would_refuse(copied, refused):
    archive, draft = copied("own.ts"), copied("own.json")
    good = json.loads(draft.read_text())
    slashed = [good["layers"][0] | {"name": "a/b"}, good["layers"][1]]
    for change in (
        {"layers": slashed},
        {"runtime": {"freeze": "yes"}},
        {"about": {"licence": ["MIT"]}},
        {"pixels": good["pixels"] | {"crop": 64}},
        {"pixels": good["pixels"] | {"std": [0, 1, 1]}},
    ):
        draft.write_text(json.dumps(good | change))
        refused(f"torchscript:{archive}", "--card", draft)
