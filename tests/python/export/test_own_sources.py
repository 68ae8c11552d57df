"""Bring your own: checkpoints, artefacts, networks; the examples of their docstrings; bad input."""

import json
import re
import textwrap

import pytest
import tiny_text
import tiny_vision
import torch
from consilience_export.cli import main
from consilience_export.sources import python, torchscript
from safetensors.torch import load_file, save_file
from torch import nn

PIXELS = {
    "resize": "square",
    "resize_to": 32,
    "crop": 32,
    "crop_offset": "round",
    "interpolation": "bicubic",
    "implementation": "pil-exact",
    "mean": ["0.5", 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "exif": "ignore",
    "alpha": "white",
}
VIT = tiny_vision.TIMM["timm-vit"]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Imports into ./out; returns (exit code, stderr, cards)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)

    def call(spec, *options):
        code = main(["import", spec, *map(str, options), "--out", "out"])
        cards = [json.loads(file.read_text()) for file in sorted(tmp_path.glob("out/*/card.json"))]
        return code, capsys.readouterr().err, cards

    return call


def refused(result, *named, code=3):
    assert result[0] == code, result[1]
    last = result[1].splitlines()[-1]
    for text in named:
        assert text in last
    assert "Traceback" not in result[1] and result[2] == []


@pytest.fixture
def state(tmp_path):
    tiny_vision.save_timm("timm-vit", tmp_path / "made")
    return load_file(tmp_path / "made" / "timm-vit.safetensors")


@pytest.mark.parametrize("wrapper", ["model", "state_dict"])
@pytest.mark.parametrize("prefix", ["", "module.", "backbone.", "module.visual.trunk."])
def test_checkpoints_are_unwrapped_and_say_so(run, state, tmp_path, wrapper, prefix):
    own = {prefix + name: tensor for name, tensor in state.items()}
    torch.save({"epoch": 3, wrapper: own | {"decoder.w": torch.ones(1)} if prefix else own}, "a.pt")
    code, told, (card,) = run("checkpoint:a.pt", "--arch", VIT)
    assert code == 0 and card["identity"]["name"] == "a"
    assert f"taken off: {wrapper}" in told and prefix in told
    assert ("decoder.w" in told) == bool(prefix) and "head.bias" in told
    save_file(state, "a.safetensors")
    _, _, cards = run("checkpoint:a.safetensors", "--arch", VIT)
    assert len({card["identity"]["tensors_sha256"] for card in cards}) == 1


def test_a_checkpoint_in_the_place_of_a_folders_weights(run, tmp_path):
    tiny_vision.save_hf("dinov2", tmp_path / "dinov2")
    tensors = load_file(tmp_path / "dinov2" / "model.safetensors")
    torch.save({"model": {f"module.{name}": value * 2 for name, value in tensors.items()}}, "b.pt")
    (tmp_path / "dinov2" / "model.safetensors").unlink()
    code, told, (card,) = run("checkpoint:b.pt", "--arch", "hf:dinov2")
    assert code == 0 and "taken off: model, module." in told
    assert card["identity"]["description"]["class"] == "Dinov2Model"
    torch.save({name: value for name, value in tensors.items() if "layernorm" not in name}, "c.pt")
    result = run("checkpoint:c.pt", "--arch", "hf:dinov2")
    assert result[0] == 3 and "the files lack layernorm.bias" in result[1]


class Anything:
    """What a pickle may hold, and what loading it must not run."""

    def __reduce__(self):
        return print, ("loaded",)


def test_bad_checkpoints(run, state, tmp_path):
    torch.save({"model": Anything()}, "evil.pt")
    refused(run("checkpoint:evil.pt", "--arch", VIT), "holds more than tensors", "safetensors")
    refused(run("checkpoint:none.pt", "--arch", VIT), "none.pt: no such file")
    refused(run("checkpoint:evil.pt"), "needs --arch", code=2)
    refused(run("checkpoint:evil.pt", "--arch", "st:x"), "--arch st:x", code=2)
    refused(run("checkpoint:evil.txt", "--arch", VIT), ".safetensors", code=2)
    (tmp_path / "cut.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{")
    refused(run("checkpoint:cut.safetensors", "--arch", VIT), "cannot be read")
    (tmp_path / "text.pth").write_text("hello\n")
    refused(run("checkpoint:text.pth", "--arch", VIT), "text.pth: cannot be read")
    torch.save(state, "whole.pth")
    (tmp_path / "cut.pth").write_bytes((tmp_path / "whole.pth").read_bytes()[:9000])
    refused(run("checkpoint:cut.pth", "--arch", VIT), "cut.pth: cannot be read")
    refused(run("checkpoint:whole.pth", "--arch", "resnet"), "--arch resnet: expected", code=2)
    short = {name: value for name, value in state.items() if name != "blocks.1.attn.qkv.weight"}
    save_file(short, "short.safetensors")
    refused(run("checkpoint:short.safetensors", "--arch", VIT), "blocks.1.attn.qkv.weight")
    save_file(state | {"blocks.0.gate": torch.ones(3)}, "more.safetensors")
    refused(run("checkpoint:more.safetensors", "--arch", VIT), "knows no blocks.0.gate")
    save_file(state | {"norm.weight": torch.ones(25)}, "shape.safetensors")
    refused(run("checkpoint:shape.safetensors", "--arch", VIT), "norm.weight ([25], expected [24])")
    broken = state | {"norm.weight": torch.full([24], float("nan"))}
    save_file(broken, "nan.safetensors")
    refused(run("checkpoint:nan.safetensors", "--arch", VIT), "NaN", "norm.weight")
    save_file(state, "good.safetensors")
    refused(run("checkpoint:good.safetensors", "--arch", "timm:vit_base_x"), "vit_base_x")
    refused(run("checkpoint:good.safetensors", "--arch", f"{VIT}&nope=1"), "nope")
    odd = ("checkpoint:good.safetensors", "--arch", VIT, "--image-size", 30)
    refused(run(*odd), "--image-size 30: expected a multiple of 8", code=2)
    refused(run("checkpoint:good.safetensors", "--arch", VIT, "--pool", "last"), "no last", code=2)


def test_timm_by_name_is_refused_at_once_offline_and_never_random(run):
    refused(run("timm:resnet18"), "timm/resnet18.a1_in1k", "hf download", code=4)
    refused(run("timm:resnet18@nope"), "a1_in1k", code=2)
    refused(run("timm:rsnet18"), "no model 'rsnet18'", code=2)


class Artefact(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.stem, self.block = nn.Conv2d(3, 8, 4, 4), nn.Conv2d(8, 6, 3, 1, 1)

    def forward(self, pixels):
        stem = self.stem(pixels)
        return [h.mean((2, 3)).unsqueeze(1) for h in (stem, self.block(stem.relu()))]


class Leaking(Artefact):
    """One sample's layer holds something of the others."""

    def forward(self, pixels):
        return [layer + layer.mean(0) for layer in super().forward(pixels)]


class Noisy(Artefact):
    def forward(self, pixels):
        return [layer + torch.rand_like(layer) for layer in super().forward(pixels)]


def draft(**changes):
    layers = [
        {"name": "embedding", "width": 8, "kind": "embedding"},
        {"name": "block_0", "width": 6, "kind": "block"},
    ]
    usual = {"modality": "vision", "layers": layers, "poolings": ["mean"], "pixels": PIXELS}
    return {key: value for key, value in (usual | changes).items() if value is not None}


def save_artefact(network, path, **changes):
    torch.jit.trace(network.eval(), torch.rand(2, 3, 32, 32), check_trace=False).save(path)
    path.with_suffix(".json").write_text(json.dumps(draft(**changes)))


def test_an_artefact_of_ones_own(run, tmp_path):
    save_artefact(Artefact(), tmp_path / "mine.ts", about={"licence": "MIT"})
    code, told, (card,) = run("torchscript:mine.ts", "--card", "mine.json")
    assert code == 0 and "no original" in told
    assert card["about"]["measured_error"] is None and card["about"]["licence"] == "MIT"
    assert card["about"]["proof"].startswith("not verified against an original")
    assert card["identity"]["pixels"]["mean"] == ["0.5"] * 3
    written = next(tmp_path.glob("out/mine@*/model.ts")).read_bytes()
    assert written == (tmp_path / "mine.ts").read_bytes()
    assert "--card mine.json" in torchscript.__doc__


def test_a_text_artefact_brings_its_tokenizer(run, tmp_path):
    class Bag(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(tiny_text.VOCABULARY, 5)

        def forward(self, ids, mask):
            summed = (self.table(ids) * mask.unsqueeze(2)).sum(1)
            return [(summed / mask.sum(1, keepdim=True)).unsqueeze(1)]

    ids = torch.ones(2, 3, dtype=torch.long)
    torch.jit.trace(Bag().eval(), (ids, ids)).save(tmp_path / "bag.ts")
    tiny_text.word_tokenizer().save(str(tmp_path / "words.json"))
    tokens = {"tokenizer": "words.json", "vocabulary": 64, "padding_id": 0, "max_tokens": 20}
    layers = [{"name": "words", "width": 5, "kind": "embedding"}]
    text = draft(modality="text", layers=layers, pixels=None, tokens=tokens)
    (tmp_path / "bag.json").write_text(json.dumps(text))
    code, told, (card,) = run("torchscript:bag.ts", "--card", "bag.json")
    assert code == 0, told
    assert card["identity"]["tokens"]["special_tokens"] == "[CLS] x [SEP]"


def test_bad_artefacts(run, tmp_path):
    own = ("torchscript:mine.ts", "--card", "mine.json")
    refused(run(*own[:1]), "needs --card", code=2)
    (tmp_path / "mine.json").write_text(json.dumps(draft()))
    (tmp_path / "mine.ts").write_bytes(b"no archive")
    refused(run(*own), "not a TorchScript archive")
    save_artefact(Leaking(), tmp_path / "mine.ts")
    refused(run(*own), "artefact differs")
    save_artefact(Noisy(), tmp_path / "mine.ts")
    refused(run(*own), "random op aten::rand_like")
    wide = [{"name": "x", "width": 9, "kind": "block"}]
    save_artefact(Artefact(), tmp_path / "mine.ts", layers=wide)
    refused(run(*own), "expected per sample [(1, 9)], found [(1, 8), (1, 6)]")
    for changes, named in (
        ({"modality": "smell"}, "modality"),
        ({"layers": [{"name": "x"}]}, "layers"),
        ({"layers": [{"name": "x", "width": 0, "kind": "block"}]}, "'x'"),
        ({"poolings": []}, "poolings"),
        ({"pixels": None}, "pixels: expected an object"),
        ({"pixels": PIXELS | {"crop": "32"}}, "crop"),
        ({"colour": 1}, "unknown colour"),
        ({"dtype": "f8"}, "dtype"),
    ):
        (tmp_path / "mine.json").write_text(json.dumps(draft(**changes)))
        refused(run(*own), "mine.json", named)
    (tmp_path / "mine.json").write_text(json.dumps(draft()))
    refused(run(*own, "--dtype", "bf16"), "--dtype", code=2)


def test_modules_that_cannot_be_imported(run, tmp_path):
    (tmp_path / "unfinished.py").write_text("def f(:\n")
    (tmp_path / "dividing.py").write_text("1 / 0\n")
    for spec in ("python:unfinished:f", "python:unfinished.py:f"):
        refused(run(spec), "SyntaxError: invalid syntax (unfinished.py, line 1)")
    refused(run("python:dividing:f"), "ZeroDivisionError: division by zero")


def test_the_example_of_the_docstring_runs(run, tmp_path):
    example = re.search(r"    # my_models.py\n(.*?)\n    # python", python.__doc__, re.DOTALL)[1]
    (tmp_path / "my_models.py").write_text(textwrap.dedent(example))
    code, told, (card,) = run("python:my_models:tiny")
    assert code == 0, told
    assert [layer["kind"] for layer in card["identity"]["layers"]] == ["embedding", "block"]
    assert run("python:my_models.py:tiny", "--dtype", "bf16")[0] == 0


NETWORKS = """
import torch
from torch import nn
from dataclasses import dataclass

PIXELS = {"crop": 32, "mean": [0.5] * 3, "std": [0.5] * 3}

class Network(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.a, self.b = nn.Conv2d(3, 8, 4, 4), nn.Conv2d(8, 8, 3, 1, 1)
        self.unused = nn.Linear(2, 2)
    def forward(self, x):
        return self.b(self.a(x))

class OnSize(Network):
    def forward(self, x):
        h = self.a(x)
        if x.shape[0] > 1:  # sizes
            h = h * 2
        return self.b(h)

class OnValues(Network):
    def forward(self, x):
        h = self.a(x)
        if x.mean() > 0.9:  # values
            h = h * 2
        return self.b(h)

class Twice(Network):
    def forward(self, x):
        return self.b(self.b(self.a(x)))

class Hungry(Network):
    def forward(self, x):
        return self.b(self.a(x)) + torch.zeros(x.shape[0], 1 << 50).sum()

class Words(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.table, self.mix = nn.Embedding(64, 6), nn.Linear(6, 6)
    def forward(self, ids, mask):
        return self.mix(self.table(ids))

class Sound(nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(4, 6)
    def forward(self, wave):
        return self.mix(wave.unfold(1, 4, 4))

@dataclass
class Made:
    model: nn.Module
    hooks: list
    pixels: dict
    poolings: list = None

def given(kind, hooks):
    return {"model": kind(), "hooks": hooks, "pixels": PIXELS}

def on_size(): return given(OnSize, ["a", "b"])
def on_values(): return given(OnValues, ["a", "b"])
def hungry(): return given(Hungry, ["a", "b"])
def large(): return {"model": nn.Linear(1 << 25, 1 << 25)}
def never(): return given(Network, ["a", "unused"])
def twice(): return given(Twice, ["a", "b"])
def typo(): return given(Network, ["aa"])
def nothing(): return given(Network, [])
def unordered(): return Made(Network(), ["b", "a"], PIXELS)
def raises(): raise KeyError("weights")
def wrong(): return 3
def more(): return given(Network, ["a"]) | {"colour": 1}
def both(): return given(Network, ["a"]) | {"audio": {}}
def small(): return given(Network, ["a"]) | {"pixels": {"crop": 2, "mean": [0] * 3, "std": [1] * 3}}
def words():
    tokens = {"tokenizer": "words.json", "padding_id": 0, "vocabulary": 64, "max_tokens": 20}
    return {"model": Words(), "hooks": ["table", "mix"], "tokens": tokens}
def sound():
    audio = {"sample_rate": 8000, "min_samples": 4, "max_samples": 16000}
    return {"model": Sound(), "hooks": ["mix"], "audio": audio}
"""


def test_networks_of_ones_own(run, tmp_path):
    (tmp_path / "networks.py").write_text(NETWORKS)
    tiny_text.word_tokenizer().save(str(tmp_path / "words.json"))
    for name, layers in (
        ("unordered", ["a", "b"]),
        ("words", ["table", "mix"]),
        ("sound", ["mix"]),
    ):
        code, told, cards = run(f"python:networks:{name}")
        assert code == 0, told
        (identity,) = (c["identity"] for c in cards if c["identity"]["name"] == name)
        assert [layer["name"] for layer in identity["layers"]] == layers


def test_bad_networks(run, tmp_path):
    (tmp_path / "networks.py").write_text(NETWORKS)

    def line(text):
        return f"networks.py:{NETWORKS[: NETWORKS.index(text)].count(chr(10)) + 1}"

    refused(run("python:networks:on_size"), "artefact differs", line("# sizes"))
    refused(run("python:networks:on_values"), "artefact differs", line("# values"))
    refused(run("python:networks:never"), "'unused' never fires")
    refused(run("python:networks:twice"), "'b' fires 2 times")
    refused(run("python:networks:typo"), "'aa'", "did you mean a?")
    refused(run("python:networks:nothing"), "no hook points")
    refused(run("python:networks:raises"), "raised KeyError")
    refused(run("python:networks:wrong"), "returned int")
    refused(run("python:networks:more"), "returned colour")
    refused(run("python:networks:both"), "one of pixels, tokens and audio")
    refused(run("python:networks:small"), "does not run on (float32 [1, 3, 2, 2])")
    refused(run("python:networks:none"), "no function 'none'")
    refused(run("python:no_such_module:x"), "no_such_module")
    refused(run("python:networks"), "python:MODULE:FUNCTION", code=2)


def test_memory_that_runs_out_has_an_exit_code_of_its_own(run, tmp_path):
    (tmp_path / "networks.py").write_text(NETWORKS)
    for name in ("large", "hungry"):
        refused(run(f"python:networks:{name}"), "out of memory while", "--segments", code=5)
    assert not list(tmp_path.glob("out/.*partial"))
