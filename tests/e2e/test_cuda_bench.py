"""The benchmarks of the CUDA side: on the emulated CUDA of the tests, and without a device."""

import json
import os
import subprocess

import pytest
from program import PROGRAM

TOOLS = PROGRAM.parent


def run(program, *words):
    return subprocess.run([TOOLS / program, *words], capture_output=True, text=True)


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    out = tmp_path_factory.mktemp("bench") / "out.json"
    words = ["--small", "--benchmark_min_time=0.001", f"--benchmark_out={out}"]
    done = run("cuda_bench_emulated", *words, "--benchmark_out_format=json")
    assert done.returncode == 0, (done.stdout, done.stderr)
    return {row["name"]: row for row in json.loads(out.read_text())["benchmarks"]}


def test_every_op_gives_the_answer_of_the_cpu_and_is_timed(rows):
    ops = ["check_finite", "abs_quantile", "mean_sample_quantile", "column_mean", "row_scales"]
    ops += ["neighbors", "overlap_counts", "overlap_counts_relabelled", "rank_of", "resize"]
    ops += ["prepare_pictures", "device_pictures", "hsic_tiles"]
    assert {name.split("/")[0] for name in rows} == set(ops)
    for row in rows.values():
        assert not row.get("error_occurred"), row
        assert row["real_time"] > 0


def test_searches_are_held_against_their_products(rows):
    searches = [row for name, row in rows.items() if name.startswith("neighbors/isotropic/n:300/")]
    assert len(searches) == 1
    for row in searches:
        assert row["label"] in ("f16", "f32")
        assert 0 < row["share_of_products"] < 1
        carried_out = row["executed_TFLOP/s"] / row["naive_TFLOP/s"]
        assert 0.5 < carried_out < 0.75  # half of them, and whole blocks on the diagonal
        assert row["products_TFLOP/s"] > row["executed_TFLOP/s"]
        assert row["survivors_per_row"] >= 5 and row["upload_ms"] > 0
        assert 300 * 24 * 6 < row["device_GB"] * 1e9 < 64 << 20


def test_without_a_device_nothing_is_measured_and_that_is_said():
    if not (TOOLS / "cuda_bench").exists():
        pytest.skip("built without nvcc")
    if os.path.exists("/proc/driver/nvidia/version"):
        pytest.skip("there is a driver")
    done = run("cuda_bench")
    assert done.returncode == 3 and done.stdout == ""
    assert done.stderr.startswith("cuda_bench: CUDA: ") and done.stderr.count("\n") == 1
    assert "NOTHING WAS MEASURED" in done.stderr


def test_words_that_are_none_end_with_2():
    assert run("cuda_bench_emulated", "--smal").returncode == 2
    done = run("cuda_bench_emulated", "--small", "--benchmark_filter=nosuch")
    assert done.returncode == 3 and "names no benchmark" in done.stderr
