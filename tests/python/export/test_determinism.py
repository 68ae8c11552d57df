"""The same import twice gives the same bytes, and nothing in them says whose machine made them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_text
import tiny_vision
import torch
from consilience_export.cli import main


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """(sources, packages): of a text and a vision model, imported by two processes, one of which
    has imported others before."""
    root = tmp_path_factory.mktemp("determinism")
    before = [f"hf:{tiny_text.save(kind, root / kind)}" for kind in ("mistral", "gpt2")]
    assert main(["import", *before, "--out", str(root / "before")]) == 0
    text = tiny_text.save("llama", root / "llama")
    vision = tiny_vision.save_timm("timm-vit", root)
    words = ["import", f"hf:{text}", vision.spec, "--arch", vision.options["architecture"]]
    words += ["--twins", "1", "--out"]
    assert main([*words, str(root / "here")]) == 0
    other = [sys.executable, "-m", "consilience_export", *words, str(root / "there")]
    subprocess.run(other, check=True, env=os.environ | {"PYTHONHASHSEED": "7"})
    return root, [sorted((root / side).glob("*@*")) for side in ("here", "there")]


def test_packages_have_equal_bytes(twice):
    _, (here, there) = twice
    assert len(here) == 4 and [a.name for a in here] == [b.name for b in there]
    for a, b in zip(here, there, strict=True):
        files = sorted(file.name for file in a.iterdir())
        assert files == sorted(file.name for file in b.iterdir())
        for file in files:
            assert (a / file).read_bytes() == (b / file).read_bytes(), f"{a.name}/{file}"


def test_packages_hold_no_path(twice):
    root, (here, _) = twice
    for file in (file for folder in here for file in folder.iterdir()):
        content = file.read_bytes()
        for path in (root, sys.prefix, Path(__file__).parent):
            assert str(path).encode() not in content, file.name


def test_an_archive_keeps_the_version_of_its_operators(twice, tmp_path):
    _, (here, _) = twice
    for folder in here:
        again = tmp_path / "again.ts"
        torch.jit.save(torch.jit.load(folder / "model.ts"), again)
        read = [torch._C.PyTorchFileReader(str(file)) for file in (folder / "model.ts", again)]
        name = "version" if read[0].has_record("version") else ".data/version"
        assert read[0].get_record(name) == read[1].get_record(name)


def test_sources_are_told_without_folders(twice):
    _, (here, _) = twice
    sources = {json.loads((f / "card.json").read_text())["about"]["source"] for f in here}
    assert sources == {"hf:llama", "checkpoint:timm-vit.safetensors"}
