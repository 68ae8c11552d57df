"""`compare` takes a score apart: baselines, classes, groups, pairs of models."""

import numpy as np


def two_views(tmp_path, n=200):
    """a and b see the same samples with noise; classes shift both; r is untrained."""
    rng = np.random.default_rng(5)
    classes = np.arange(n) % 4
    shared = rng.standard_normal((n, 6)) + 3 * np.eye(4)[classes] @ rng.standard_normal((4, 6))
    for name in "ab":
        x = shared @ rng.standard_normal((6, 12)) + 0.5 * rng.standard_normal((n, 12))
        np.save(tmp_path / f"{name}.npy", x.astype(np.float32))
    np.save(tmp_path / "random.npy", rng.standard_normal((n, 12)).astype(np.float32))
    np.save(
        tmp_path / "trivial.npy", (shared[:, :2] + rng.standard_normal((n, 2))).astype(np.float32)
    )
    (tmp_path / "classes.txt").write_text("".join(f"class {c}\n" for c in classes))


def test_the_ladder_has_every_rung(cli, tmp_path):
    two_views(tmp_path)
    words = ["compare", "a.npy", "b.npy", "--metric", "mutual_knn(k=10)"]
    baselines = [
        "--random-a",
        "random.npy",
        "--trivial-b",
        "trivial.npy",
        "--classes",
        "classes.txt",
    ]
    out = cli.json(*words, *baselines)
    ladder = out["ladder"]
    rungs = {rung["key"]: rung for rung in ladder["rungs"]}
    assert list(rungs) == ["chance", "selection", "trivial", "random", "classes", "score"]
    assert all(rung["missing"] == "" for rung in rungs.values())
    assert abs(rungs["chance"]["value"] - 10 / 199) < 1e-12
    assert rungs["chance"]["value"] < rungs["trivial"]["value"] < rungs["score"]["value"]
    assert rungs["random"]["value"] < 2 * rungs["chance"]["value"]
    assert rungs["chance"]["value"] < rungs["classes"]["value"] < rungs["score"]["value"]
    assert ladder["highest"] == "trivial"
    assert abs(ladder["excess"] - (rungs["score"]["value"] - rungs["trivial"]["value"])) < 1e-12
    assert ladder["excess_lo"] < ladder["excess"] < ladder["excess_hi"]
    assert "converge" not in ladder["wording"]
    text = cli(*words, *baselines).stdout
    assert ladder["wording"].split()[0] in text


def test_missing_rungs_say_what_would_give_them(cli, tmp_path):
    two_views(tmp_path)
    text = cli("compare", "a.npy", "b.npy", "--metric", "mutual_knn").stdout
    for flag in ("--random-a", "--trivial-a", "--classes"):
        assert flag in text


def test_groups_are_no_neighbours_and_move_as_wholes(cli, tmp_path):
    rng = np.random.default_rng(6)
    x = np.repeat(rng.standard_normal((50, 8)), 2, axis=0)
    for name in ("a.npy", "b.npy"):
        np.save(tmp_path / name, (x + 1e-3 * rng.standard_normal(x.shape)).astype(np.float32))
    (tmp_path / "groups.txt").write_text("".join(f"g{i // 2}\n" for i in range(100)))
    words = ["compare", "a.npy", "b.npy", "--metric", "mutual_knn(k=1)", "--splits", 0]
    assert cli.json(*words)["metrics"][0]["value"] > 0.99
    grouped = cli.json(*words, "--groups", "groups.txt", "--whole-groups")["metrics"][0]
    assert grouped["value"] < 0.99
    (tmp_path / "groups.txt").write_text("".join(f"g{i // 3}\n" for i in range(100)))
    assert "groups of one size" in cli.refusal(*words, "--groups", "groups.txt", "--whole-groups")


def test_which_of_two_is_closer_to_a_third(cli, tmp_path):
    rng = np.random.default_rng(7)
    c = rng.standard_normal((300, 10))
    np.save(tmp_path / "c.npy", c.astype(np.float32))
    np.save(tmp_path / "a.npy", (c + 0.3 * rng.standard_normal(c.shape)).astype(np.float32))
    np.save(tmp_path / "b.npy", (c + 1.5 * rng.standard_normal(c.shape)).astype(np.float32))
    out = cli.json("compare", "a.npy", "b.npy", "--against", "c.npy")
    assert out["a"] > out["b"] and out["lo"] > 0 and out["p"] < 0.01
    assert "p of no difference" in cli("compare", "a.npy", "b.npy", "--against", "c.npy").stdout


def test_row_bootstrap_is_refused_with_the_reason(cli, tmp_path):
    two_views(tmp_path)
    error = cli("compare", "a.npy", "b.npy", "--interval", "row-bootstrap", code=2).stderr
    assert "nearest neighbour" in error
    for kind, label in (("jackknife", "conservative"), ("query-bootstrap", "this gallery only")):
        out = cli.json("compare", "a.npy", "b.npy", "--metric", "mutual_knn", "--interval", kind)
        assert label in out["metrics"][0]["interval"]
