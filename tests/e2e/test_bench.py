"""`consilience bench`: the rows it makes, the checks before a time, and what it refuses."""

import math
import os

import numpy as np
import pytest


def made(cli, data, n, d, *words):
    file = cli.folder / "rows.npy"
    cli("bench", "neighbors", "--n", n, "--d", d, "--data", data, "--write", file, *words)
    return np.load(file)


def cosines(x, pairs=20_000):
    a, b = np.random.default_rng(0).integers(0, len(x), (2, pairs))
    return np.einsum("if,if->i", x[a], x[b])[a != b]


@pytest.mark.parametrize("data", ["isotropic", "anisotropic", "clusters"])
def test_made_rows_are_unit_and_the_same_for_every_thread_count(cli, data):
    x = made(cli, data, 700, 37, "--threads", 1)
    assert x.dtype == np.float32 and x.shape == (700, 37)
    assert np.abs(np.linalg.norm(x.astype(np.float64), axis=1) - 1).max() < 1e-6
    assert x.tobytes() == made(cli, data, 700, 37, "--threads", 2).tobytes()
    assert x.tobytes() != made(cli, data, 700, 37, "--seed", 2).tobytes()


def test_isotropic_rows_have_normal_cosines(cli):
    d = 256
    x = made(cli, "isotropic", 2000, d)
    found = cosines(x) * math.sqrt(d)
    assert abs(found.mean()) < 0.03 and abs(found.std() - 1) < 0.03
    assert abs(np.quantile(found, 0.975) - 1.96) < 0.1
    assert np.abs(x.mean(axis=0)).max() < 5 / math.sqrt(2000 * d)
    correlation = np.corrcoef(x.T) - np.eye(d)  # columns that share a pair of draws too
    assert np.abs(correlation).max() < 6 / math.sqrt(2000)


def test_anisotropic_rows_lie_in_a_band_around_the_shared_direction(cli):
    found = cosines(made(cli, "anisotropic", 2000, 768))
    assert abs(found.mean() - 0.9) < 0.005 and found.std() < 0.02


def test_clusters_are_a_hundred_tight_ones(cli):
    x = made(cli, "clusters", 3000, 768)
    near = x @ x.T > 0.9
    assert len(np.unique(near, axis=0)) == 100
    within = (x @ x.T)[near & ~np.eye(3000, dtype=bool)]
    assert abs(within.mean() - 0.99) < 0.001
    sizes = near.sum(axis=1)
    assert sizes.min() >= 8 and sizes.max() <= 60


@pytest.mark.parametrize("similarity", ["cosine", "dot", "euclidean"])
def test_a_time_comes_with_what_was_done(cli, similarity):
    words = ["--n", 600, "--d", 40, "--k", 7, "--similarity", similarity, "--threads", 1]
    found = cli.json("bench", "neighbors", *words, "--rounds", 2, "--check", 1000)
    assert (found["n"], found["d"], found["k"], found["rounds"]) == (600, 40, 7, 2)
    assert found["similarity"] == similarity and found["checked_rows"] == 600
    assert 0 < found["cpu_s"] < 60 and 0 < found["seconds"] < 60
    rate = 2 * 600**2 * 40 / 1e9 / found["cpu_s"]
    assert math.isclose(found["gflop_per_core_s"], rate, rel_tol=1e-9)
    assert found["survivors_per_row"] == found["survivors"] / 600
    assert found["peak_bytes"] >= found["bytes_before"] > 600 * 40 * 4
    assert found["redone_rows"] >= 0 and found["arithmetic"]


def test_freed_memory_is_kept_between_rounds(cli):
    words = ["--n", 4000, "--d", 300, "--threads", 1, "--check", 0]
    cold = cli.json("bench", "neighbors", *words, "--rounds", 0)
    warm = cli.json("bench", "neighbors", *words, "--rounds", 1)
    assert cold["page_faults"] > 100 > warm["page_faults"]


def test_a_file_is_searched_as_it_is(cli):
    x = np.random.default_rng(0).standard_normal((300, 12)).astype(np.float32)
    np.save(cli.folder / "x.npy", x)
    found = cli.json("bench", "neighbors", "--data", "x.npy", "--rounds", 1)
    assert (found["n"], found["d"], found["data"]) == (300, 12, "x.npy")
    text = cli("bench", "neighbors", "--data", "x.npy", "--rounds", 1).stdout
    assert "the 10 nearest of 300 rows, d = 12" in text and "GFLOP per core-second" in text


def test_cuda_without_a_device_is_refused_before_rows_are_made(cli):
    if os.path.exists("/proc/driver/nvidia/version"):
        pytest.skip("there is a driver")
    words = ["--n", 2_000_000, "--d", 700, "--device", "cuda"]  # they would take a minute
    said = cli.refusal("bench", "neighbors", *words)
    assert "use the cpu backend" in said or "choose the cpu backend" in said
    made(cli, "isotropic", 20, 4, "--device", "cuda")


def test_refusals(cli):
    def refused(*words, code=2):
        return cli.refusal("bench", "neighbors", *words, code=code)

    assert "--n is 10" in refused("--n", 10, "--d", 4, "--k", 10)
    assert "give --n and --d" in refused("--n", 10)
    assert "did you mean 'isotropic'" in refused("--n", 50, "--d", 4, "--data", "isotopic")
    assert "--n and --d are for data made here" in refused("--n", 50, "--data", "x.npy")
    assert "this machine has" in refused("--n", 2_000_000_000, "--d", 16384, code=5)
    assert "No such file" in refused("--data", "x.npy", code=3)
    np.save(cli.folder / "few.npy", np.eye(5, dtype=np.float32))
    assert "there are 5" in refused("--data", "few.npy", code=3)
    np.save(cli.folder / "layers.npy", np.ones((50, 2, 3), dtype=np.float32))
    assert "2 layers, expected one" in refused("--data", "layers.npy", code=3)
    bad = np.ones((50, 3), dtype=np.float32)
    bad[7, 2] = np.nan
    np.save(cli.folder / "nan.npy", bad)
    assert "row 7" in refused("--data", "nan.npy", code=3)
    bad[7] = 0
    np.save(cli.folder / "zero.npy", bad)
    assert "row 7" in refused("--data", "zero.npy", code=3)


@pytest.mark.parametrize(("n", "d", "k"), [(20_000, 512, 10), (20_000, 64, 100), (6_000, 64, 700)])
def test_memory_is_what_docs_numerics_says(cli, n, d, k):
    words = ["--n", n, "--d", d, "--k", k, "--rounds", 0, "--check", 1, "--threads", 2]
    found = cli.json("bench", "neighbors", *words)
    lists = 12 * (4 * k + 104) * n
    used = found["peak_bytes"] - found["bytes_before"]
    assert used > 4 * n * k
    assert used <= 2 * n * d + lists + 200 * n + (64 << 20), found  # an n x n matrix: 1.6 GB
