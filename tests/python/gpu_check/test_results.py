"""The text that gpu_check writes of a run, and what it calls wrong."""

import copy
import json

import pytest
from gpu_check_steps import results
from gpu_check_steps.benchmarks import neighbor_shapes

NEIGHBORS = {
    "name": "neighbors/isotropic/n:50000/d:768/k:10/iterations:5/real_time",
    "real_time": 20.0,
    "time_unit": "ms",
    "label": "f16",
    "naive_TFLOP/s": 192.0,
    "executed_TFLOP/s": 96.4,
    "products_TFLOP/s": 400.0,
    "share_of_products": 0.241,
    "survivors_per_row": 13.25,
    "redone_rows": 2.0,
    "upload_ms": 6.5,
    "device_GB": 0.45,
}
CLUSTERS = NEIGHBORS | {"name": NEIGHBORS["name"].replace("isotropic", "clusters")}
SMALL = {key: value for key, value in NEIGHBORS.items() if "of_products" not in key}
SMALL |= {"name": "neighbors/isotropic/n:40/d:8/k:10/iterations:5/real_time", "label": "double"}
SMALL.pop("executed_TFLOP/s")
MEAN = {
    "name": "column_mean/n:100000/d:768/real_time",
    "real_time": 12.5,
    "time_unit": "ms",
    "GB/s": 24.6,
}


def peer(arithmetic, seconds, recall):
    shape = {"n": 50000, "d": 768, "k": 10, "arithmetic": arithmetic, "chunk": 4096}
    return shape | {"seconds": seconds, "resident_seconds": seconds / 2, "recall": recall}


@pytest.fixture
def found():
    return {
        "machine": {
            "device": "NVIDIA H100 80GB HBM3",
            "devices": 1,
            "capability": "9.0",
            "memory_bytes": 80 * 2**30,
            "driver": "570.86.15",
            "driver_cuda": "12.8",
            "date": "2026-11-26",
            "packed": {"commit": "abc1234", "architectures": "80-real;90a-real"},
        },
        "conformance": {
            "ran": 240,
            "on_cuda": 120,
            "failures": {},
            "skipped_tests": [],
            "exit": 0,
            "seconds": 61.4,
        },
        "sanitizer": {
            "runs": [
                {"tool": "memcheck", "program": "cuda_bench --small", "exit": 0, "errors": 0}
                | {"seconds": 30.2, "first": []},
                {"tool": "racecheck", "program": "test_conformance", "exit": None, "errors": None}
                | {"seconds": 300.0, "first": []},
            ]
        },
        "benchmarks": {
            "exit": 0,
            "seconds": 100,
            "rows": [NEIGHBORS, CLUSTERS, SMALL, MEAN],
        },
        "torch": {
            "version": "2.11.0+cu130",
            "rows": [peer("f32", 0.5, 1.0), peer("TF32", 0.1, 0.97), peer("f16", 0.05, 0.95)],
        },
        "features": {
            "torch": "2.11.0+cu130",
            "rows": [
                {
                    "model": "efficientnet-lite0",
                    "rows": 805,
                    "layers": 18,
                    "layer": "head/mean",
                    "difference": 2.5e-5,
                    "allowed": 1e-4,
                    "share_of_bound": 0.25,
                }
            ],
        },
    }


def test_a_run_becomes_one_section_with_the_card_and_the_date(found):
    text = results.markdown(found)
    assert text.startswith("## NVIDIA H100 80GB HBM3, 2026-11-26\n")
    assert "capability 9.0, 80 GiB, driver 570.86.15 (CUDA 12.8), 1 device." in text
    assert "consilience abc1234, compiled for 80-real;90a-real" in text
    assert "240 tests in 61 s, 120 of them on CUDA: 0 failed, 0 skipped." in text
    assert "| memcheck | `cuda_bench --small` | 0 errors | 30 |" in text
    assert "| racecheck | `test_conformance` | did not end in time | 300 |" in text
    assert "| efficientnet-lite0 | 805 | 18 | head/mean | 2.5e-05 | 0.0001 | 0.25 |" in text
    assert results.is_good(found)


def test_searches_stand_beside_torch_of_the_same_shape(found):
    text = results.markdown(found)
    ours = (
        "| isotropic | 50,000 | 768 | 10 | 20 | 192.0 | 96.4 | 24 % | f16 | 13.2 | 2 | 6.5 | 0.45 "
    )
    assert (
        ours + "| 500 (25.00 x; resident 250) | 100 (5.00 x; resident 50; recall 0.970) "
        "| 50 (2.50 x; resident 25; recall 0.950) |"
    ) in text
    assert "| clusters | 50,000 | 768 | 10 | 20 | 192.0 | 96.4 | 24 % | f16 " in text
    assert text.count("resident 250") == 1  # torch was given isotropic rows alone
    assert "| isotropic | 40 | 8 | 10 | 20 | 192.0 |  |  | double |" in text
    assert "| `column_mean/n:100000/d:768` | 12.5 | 24.6 GB/s |" in text


def test_every_table_has_one_width(found):
    for block in results.markdown(found).split("\n\n"):
        widths = {line.count(" | ") for line in block.splitlines() if line.startswith("|")}
        assert len(widths) <= 1, block


def test_what_was_not_run_is_said(found):
    for step in ("conformance", "sanitizer", "features"):
        found[step] = {"skipped": "no such thing here"}
    found["torch"] = {"skipped": "no torch"}
    del found["benchmarks"]
    text = results.markdown(found)
    assert text.count("SKIPPED: no such thing here.") == 3 and "Not run." in text
    assert results.is_good(found)


def wrongs():
    test = {"failures": {"All/Neighbors.Agree/cuda": ["expected 1", "found 2"]}, "exit": 1}
    yield "conformance", test, "FAILED: All/Neighbors.Agree/cuda\n\n```\nexpected 1\nfound 2\n```"
    yield "conformance", {"exit": 139}, "BROKEN: the program ended with 139"
    broken = {"broken": "cuda_bench ended with 139", "said": ["Segmentation fault"]}
    yield "benchmarks", broken, "BROKEN: cuda_bench ended with 139.\n\n```\nSegmentation fault"
    row = MEAN | {"error_occurred": True, "error_message": "the answer is not the cpu backend's"}
    yield "benchmarks", {"exit": 3, "rows": [row]}, "WRONG: column_mean/n:100000/d:768/real_time"
    run = {"tool": "memcheck", "program": "p", "exit": 9, "errors": 4, "seconds": 1}
    run |= {"first": ["========= Invalid read"]}
    yield "sanitizer", {"runs": [run]}, "4 errors, exit 9"
    far = {"model": "m", "rows": 1, "layers": 1, "layer": "head", "difference": 2.0}
    yield "features", {"rows": [far | {"allowed": 1.0, "share_of_bound": 2.0}]}, "2.00 BEYOND"
    nan = float("nan")
    yield "features", {"rows": [far | {"allowed": 1.0, "share_of_bound": nan}]}, "nan BEYOND"


@pytest.mark.parametrize(("step", "change", "said"), list(wrongs()))
def test_what_is_wrong_is_shown_and_ends_with_1(found, tmp_path, step, change, said):
    bad = copy.deepcopy(found)
    bad[step].update(change)
    (tmp_path / "r.json").write_text(json.dumps(bad))
    assert results.write(tmp_path / "r.json", tmp_path / "r.md") == 1
    assert said in (tmp_path / "r.md").read_text()


def test_the_written_file_says_what_the_text_says(found, tmp_path):
    (tmp_path / "r.json").write_text(json.dumps(found))
    assert results.write(tmp_path / "r.json", tmp_path / "r.md") == 0
    assert (tmp_path / "r.md").read_text() == results.markdown(found)


def test_torch_is_given_the_isotropic_shapes_that_were_measured():
    wrong = NEIGHBORS | {"name": "neighbors/isotropic/n:9/d:8/k:1", "error_occurred": True}
    assert list(neighbor_shapes([NEIGHBORS, CLUSTERS, wrong, MEAN])) == [(50000, 768, 10)]
