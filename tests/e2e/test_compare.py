"""`consilience compare` and `graph` on files, bad ones included."""

import json
from pathlib import Path

import numpy as np
import pytest

GOLDEN = Path(__file__).resolve().parents[1] / "golden/data"
RAW_COSINE = ["--preset", "none", "--scale", "l2"]
CASES = ["small_corr", "small_indep", "large_corr", "large_indep", "aniso", "ties_dup", "wide"]


def headline(cli, *words):
    return cli.json("compare", *words, "--metric", "mutual_knn(k=10)")["metrics"][0]


def features(seed, n=60, d=8):
    return np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("side", ["x", "y"])
def test_graph_reproduces_the_golden_lists(cli, tmp_path, case, side):
    source = GOLDEN / f"{case}_{side}.npy"
    cli("graph", source, "--k", 10, "--out", "lists.npy", *RAW_COSINE)
    expected = np.load(GOLDEN / f"{case}_{side}_knn10.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "lists.npy"), expected)


def test_compare_says_what_was_measured(cli, tmp_path):
    x = features(1)
    np.save(tmp_path / "a.npy", x)
    np.save(tmp_path / "b.npy", x @ np.linalg.qr(features(2, 8, 8))[0])
    out = headline(cli, "a.npy", "b.npy", "--k", 5, *RAW_COSINE)
    assert out["name"] == "mutual_knn(k=5, n=60, l2)"
    assert out["value"] > 0.99
    assert out["chance"] == pytest.approx(5 / 59)
    assert out["p"] == pytest.approx(1 / 201)
    text = cli("compare", "a.npy", "b.npy", "--k", 5).stdout
    assert "clamp=0.95/layer, l2" in text and "chance" in text


def test_a_shuffled_side_scores_at_chance(cli, tmp_path):
    x = features(3, 400, 16)
    np.save(tmp_path / "a.npy", x)
    np.save(tmp_path / "b.npy", x[np.random.default_rng(0).permutation(400)])
    out = headline(cli, "a.npy", "b.npy")
    assert abs(out["value"] - out["chance"]) < 4 * out["null_sd"]


def test_layers_of_a_three_dimensional_file(cli, tmp_path):
    x = np.stack([features(s) for s in range(3)], axis=1)
    np.save(tmp_path / "a.npy", x)
    np.save(tmp_path / "b.npy", x[:, 1])
    out = cli.json("compare", "a.npy", "b.npy", "--metric", "mutual_knn")
    assert len(out["rows"]) == 3
    [out] = out["metrics"]
    assert out["layer_a"].startswith("layer_1") and out["value"] == 1


def test_a_constant_layer_is_null_with_a_reason(cli, tmp_path):
    np.save(tmp_path / "a.npy", features(1))
    np.save(tmp_path / "b.npy", np.ones((60, 4), np.float32))
    out = headline(cli, "a.npy", "b.npy")
    assert out["value"] is None and "equal" in out["reason"]


def write(path, content):
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        np.save(path, content)


def with_nan():
    x = features(1)
    x[7, 3] = np.nan
    return x


BAD_FILES = {
    "missing": (None, "b.npy"),
    "zero_bytes": (b"", "b.npy"),
    "html": (b"<!DOCTYPE html><title>404</title>", "HTML"),
    "other_rows": (features(1, 59), "59"),
    "nan": (with_nan(), "row 7"),
    "one_dimension": (np.ones(60, np.float32), "b.npy"),
    "text": (np.array(["a"] * 60), "b.npy"),
    "not_f32": (features(1).astype(np.float64) + 1e-12, "--round-to-f32"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_get_one_line_and_exit_3(cli, tmp_path, name):
    content, says = BAD_FILES[name]
    np.save(tmp_path / "a.npy", features(2))
    write(tmp_path / "b.npy", content)
    assert says in cli.refusal("compare", "a.npy", "b.npy")


def test_k_that_is_too_large(cli, tmp_path):
    np.save(tmp_path / "a.npy", features(1, 10))
    assert "k = 10" in cli.refusal("compare", "a.npy", "a.npy")
    assert "k = 10" in cli.refusal("graph", "a.npy")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["compar", "a.npy", "b.npy"], "did you mean 'compare'"),
        (["frobnicate"], "unknown verb"),
        (["compare", "a.npy"], "b"),
        (["compare", "a.npy", "b.npy", "--preset", "defualt"], "defualt"),
        (["compare", "a.npy", "b.npy", "--metric", "cka_"], "cka_"),
        (["compare", "a.npy", "b.npy", "--clamp", "2"], "clamp"),
        (["run", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_wrong_words_are_exit_2(cli, tmp_path, words, says):
    np.save(tmp_path / "a.npy", features(1))
    np.save(tmp_path / "b.npy", features(2))
    assert says in cli.refusal(*words, code=2)


def test_errors_as_json(cli):
    result = cli("compare", "a.npy", "b.npy", "--json", code=3)
    assert json.loads(result.stderr)["error"]["exit_code"] == 3


@pytest.mark.parametrize(
    "verb",
    ["compare", "metrics", "selftest", "graph", "run", "report", "models", "export", "doctor"],
)
def test_every_verb_has_help_with_an_example(cli, verb):
    assert "Example" in cli(verb, "--help").stdout
