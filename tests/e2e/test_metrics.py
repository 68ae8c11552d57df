"""Every golden value through the command line, and the words of `metrics` and of requests."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

GOLDEN = Path(__file__).resolve().parents[1] / "golden/data"
CASES = ["small_corr", "small_indep", "large_corr", "large_indep", "aniso", "ties_dup", "wide"]
RECORDS = json.loads((GOLDEN / "golden.json").read_text())


def undefined(record):
    """Records without an answer of ours: see docs/metrics.md."""
    return record["value"] is None or (record["metric"], record["case"]) == ("cca_mean", "wide")


@pytest.mark.parametrize("case", CASES)
def test_requests_reproduce_every_golden_value(cli, tmp_path, case):
    records = [record for record in RECORDS if record["case"] == case]
    requests = [
        {key: record[key] for key in ("metric", "params", "preprocess")} for record in records
    ]
    (tmp_path / "requests.json").write_text(json.dumps(requests))
    shutil.copy(GOLDEN / "perms_200x64.npy", tmp_path)
    answers = cli.json(
        "compare", GOLDEN / f"{case}_x.npy", GOLDEN / f"{case}_y.npy", "--request", "requests.json"
    )
    assert len(answers) == len(records)
    wrong = []
    for record, answer in zip(records, answers, strict=True):
        assert {key: answer[key] for key in ("metric", "params", "preprocess")} == {
            key: record[key] for key in ("metric", "params", "preprocess")
        }
        if undefined(record):
            continue
        value, golden = answer["value"], record["value"]
        if value is None or abs(value - golden) > 1e-9 * max(1, abs(golden)):
            wrong.append((record["metric"], record["params"], record["preprocess"], golden, value))
    assert wrong == []


def test_cca_of_too_few_rows_is_null_with_a_reason(cli, tmp_path):
    (tmp_path / "requests.json").write_text(
        '[{"metric": "cca_mean", "preprocess": "centre columns"}]'
    )
    wide = [GOLDEN / "wide_x.npy", GOLDEN / "wide_y.npy"]
    [answer] = cli.json("compare", *wide, "--request", "requests.json")
    assert answer["value"] is None and "n" in answer["reason"]


def test_requests_say_what_is_wrong(cli, tmp_path):
    x = np.random.default_rng(0).standard_normal((40, 5)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)

    def refusal(requests):
        (tmp_path / "r.json").write_text(json.dumps(requests))
        return cli("compare", "x.npy", "x.npy", "--request", "r.json", code=2).stderr

    assert "request 1" in refusal([{"metric": "mutual_knn"}, {"metric": "cka"}])
    assert "did you mean 'mutual_knn'" in refusal([{"metric": "mutual_kn"}])
    assert "'j' is no parameter" in refusal([{"metric": "mutual_knn", "params": {"j": 3}}])
    assert "preprocess 'zca' is not known" in refusal([{"metric": "rv", "preprocess": "zca"}])
    assert "expected a list" in refusal({"metric": "rv"})
    assert "permutations" in refusal([{"metric": "calibrated_score", "params": {}}])


def test_metrics_lists_and_explains_every_metric(cli):
    rows = cli.json("metrics")
    names = [row["name"] for row in rows]
    listing = cli("metrics").stdout
    assert {record["metric"] for record in RECORDS} - set(names) == {
        "calibrated_score",
        "calibrated_p_value",
        "calibrated_threshold",
    }
    for row in rows:
        assert row["name"] in listing
        for key in ("summary", "formula", "invariances", "cost", "undefined", "pitfalls", "source"):
            assert len(row[key]) > 3, (row["name"], key)
    text = cli("metrics", "cka_linear_debiased").stdout
    assert "formula" in text and "pitfalls" in text
    assert "did you mean 'mutual_knn'" in cli("metrics", "mutual_kn", code=2).stderr


def test_every_metric_gives_a_value_or_a_reason_on_hard_input(cli, tmp_path):
    rng = np.random.default_rng(1)
    n = 40
    hard = {
        "tiny.npy": rng.standard_normal((n, 6)) * 1e-9,
        "huge.npy": rng.standard_normal((n, 6)) * 1e9,
        "constant.npy": np.ones((n, 6)),
        "constant_row.npy": np.vstack([np.full((1, 6), 2.0), rng.standard_normal((n - 1, 6))]),
        "wide.npy": rng.standard_normal((n, 64)),
        "signs.npy": rng.choice([-1.0, 1.0], (n, 4)),
        "one_column.npy": rng.standard_normal((n, 1)),
        "half.npy": (rng.standard_normal((n, 6)) * 6e4 / 6).astype(np.float16),
        "subnormal_half.npy": (rng.standard_normal((n, 6)) * 1e-7).astype(np.float16),
    }
    np.save(tmp_path / "plain.npy", rng.standard_normal((n, 5)).astype(np.float32))
    for name, x in hard.items():
        np.save(tmp_path / name, x if x.dtype == np.float16 else x.astype(np.float32))
        out = cli.json(
            "compare", name, "plain.npy", "--all", "--permutations", 9, "--splits", 2, "--clamp", 0
        )
        for metric in out["metrics"]:
            defined = metric["value"] is not None
            assert defined != bool(metric["reason"]), (name, metric["name"], metric)


def test_four_rows(cli, tmp_path):
    rng = np.random.default_rng(2)
    for name in ("a.npy", "b.npy"):
        np.save(tmp_path / name, rng.standard_normal((4, 3)).astype(np.float32))
    out = cli.json("compare", "a.npy", "b.npy", "--all", "--k", 2, "--splits", 0)
    for metric in out["metrics"]:
        assert (metric["value"] is None) == bool(metric["reason"]), metric


def test_constant_rows_are_named_for_correlation_distances(cli, tmp_path):
    x = np.random.default_rng(3).standard_normal((30, 5)).astype(np.float32)
    np.save(tmp_path / "b.npy", x)
    x = x.copy()
    x[7] = 3
    np.save(tmp_path / "a.npy", x)
    out = cli.json("compare", "a.npy", "b.npy", "--metric", "rsa_spearman(rdm=correlation)")
    [metric] = out["metrics"]
    assert metric["value"] is None and "7" in metric["reason"]
