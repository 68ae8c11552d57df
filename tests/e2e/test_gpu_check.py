"""gpu_check run, with emulated CUDA in the place of a GPU."""

import argparse
import json
import sys

import pytest
from program import PROGRAM, ROOT

sys.path.insert(0, str(ROOT / "tools" / "dev"))
from gpu_check_steps import conformance, features, machine, programs, run

BUILD = PROGRAM.parents[1]
CARD = {"device": "Emulated", "devices": 1, "capability": "8.0", "memory_bytes": 2**30}
CARD |= {"driver": "none", "driver_cuda": "13.0"}


def script(file, text):
    file.write_text("#!/bin/sh\n" + text)
    file.chmod(0o755)


@pytest.fixture
def unpacked(tmp_path, monkeypatch):
    """What `gpu_check pack` makes, of programs whose CUDA is emulated."""
    folder = tmp_path / "gpu_check"
    for part in ("bin", "lib", "store/models"):
        (folder / part).mkdir(parents=True)
    (folder / "tests").symlink_to(ROOT / "tests")
    (folder / "manifest.json").write_text(json.dumps({"commit": "abc", "architectures": "none"}))
    (folder / "bin/cuda_bench").symlink_to(BUILD / "tools/cuda_bench_emulated")
    tests = BUILD / "tests/cuda_emulator/test_conformance_emulated"
    script(folder / "bin/test_conformance", f'exec {tests} --gtest_filter="*Golden*" "$@"\n')
    script(folder / "sanitizer", 'echo "========= ERROR SUMMARY: 0 errors"\n')
    monkeypatch.setattr(programs, "HERE", folder)
    monkeypatch.setattr(machine, "describe", lambda device: CARD)
    monkeypatch.setattr(conformance, "find_sanitizer", lambda: folder / "sanitizer")
    return folder


def go(unpacked, *words):
    parser = argparse.ArgumentParser()
    run.add_words(parser)
    out = unpacked.parent / "results.md"
    code = run.run(parser.parse_args(["--small", "--out", str(out), *words]))
    return code, out.read_text()


def test_a_run_says_what_it_found(unpacked):
    code, text = go(unpacked, "--only", "conformance,sanitizer,benchmarks,torch")
    assert code == 0, text
    assert "## Emulated, 20" in text and "consilience abc, compiled for none" in text
    assert "3 tests in" in text and "3 of them on CUDA: 0 failed, 0 skipped" in text
    assert "| initcheck | `test_conformance` | 0 errors |" in text
    assert "| isotropic | 300 | 24 | 5 |" in text and "| `rank_of/q:20/n:130/d:24/m:1` |" in text
    assert "torch was not measured: torch 2" in text  # it has no device
    assert "### Features of models\n\nNot run." in text


def test_golden_data_that_is_not_there_fails(unpacked):
    (unpacked / "tests").unlink()
    code, text = go(unpacked, "--only", "conformance")
    assert code == 1 and "FAILED: All/GoldenNeighbors.ListsAreReproducedExactly" in text


@pytest.mark.parametrize("error", [0, 1])
def test_features_of_the_device_are_held_against_the_bound(unpacked, store, monkeypatch, error):
    """The CPU stands for the device, with one value off by `error`."""
    words = 'set -- $(echo "$@" | sed "s/device cuda/device cpu/")'
    script(unpacked / "bin/consilience", f'{words}\nexec {PROGRAM} "$@"\n')
    names = ("efficientnet-lite0", "bag-of-words")
    for package in (p for p in (store / "models").iterdir() if p.name.split("@")[0] in names):
        (unpacked / "store/models" / package.name).symlink_to(package)
    (unpacked / "store/sources").symlink_to(store / "sources")
    study = features.STUDY.replace('"emoji-things"', '"emoji-things"\nlimit = 24')
    monkeypatch.setattr(features, "STUDY", study)
    read = features.stored_features

    def off(folder):
        found = read(folder)
        if folder.name == "cuda":
            found["efficientnet-lite0"]["head/mean"][3, 5] += error
        return found

    monkeypatch.setattr(features, "stored_features", off)
    code, text = go(unpacked, "--only", "features")
    assert code == error, text
    assert "| efficientnet-lite0 | 24 | 18 |" in text and "| bag-of-words | 24 | " in text
    assert (" BEYOND |" in text) == bool(error)
