"""What neighbors.py counts as right, and the tables it makes of what it measured."""

import json

import neighbor_peers
import neighbor_tables
import neighbors
import numpy as np
import pytest


def unit_rows(n, d):
    x = np.random.default_rng(0).standard_normal((n, d)).astype(np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def nearest(x, k):
    scores = x.astype(np.float64) @ x.T.astype(np.float64)
    np.fill_diagonal(scores, -np.inf)
    return np.argsort(-scores, axis=1)[:, :k]


def test_recall_counts_wrong_ids():
    x = unit_rows(5000, 8)  # more rows than a block of the check has
    ids = nearest(x, 11)
    rows = np.arange(0, 5000, 50)
    assert neighbor_peers.recall(x, ids[:, :10], rows) == (1.0, 1.0)
    wrong = ids[:, 1:]
    exact, close = neighbor_peers.recall(x, wrong, rows)
    assert exact == pytest.approx(0.9) and close == pytest.approx(0.9, abs=0.01)
    with pytest.raises(AssertionError, match="twice"):
        neighbor_peers.recall(x, ids[:, [0, 0, 1]], rows)


def test_recall_forgives_what_float32_cannot_tell():
    x = np.array([[1, 0], [1, 5e-4], [1, 1e-3], [1, 0.1]])  # cosines of row 0: 1 - 1e-7, 1 - 5e-7
    rows = np.array([0])
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    assert neighbor_peers.recall(x, np.array([[1]]), rows) == (1.0, 1.0)
    assert neighbor_peers.recall(x, np.array([[2]]), rows) == (0.0, 1.0)
    assert neighbor_peers.recall(x, np.array([[3]]), rows) == (0.0, 0.0)


def test_self_is_left_out_wherever_it_stands():
    ids = np.array([[5, 1, 2], [1, 6, 2], [1, 2, 3]])  # of the rows 5, 6, 7
    assert neighbor_peers.without_self(ids, 5, 2).tolist() == [[1, 2], [1, 2], [1, 2]]


def test_torch_finds_the_nearest_in_chunks_that_do_not_divide(monkeypatch):
    x = unit_rows(700, 16)
    monkeypatch.setattr(neighbor_peers, "WARM_ROWS", 300)
    search = neighbor_peers.torch_chunked(x, 5, threads=1)
    assert (np.sort(search.run(0, 700)) == np.sort(nearest(x, 5))).all()
    assert (np.sort(search.run(600, 700)) == np.sort(nearest(x, 5)[600:])).all()


def line(run, case, who, cpu_s, load=0.5):
    result = {"cpu_s": cpu_s, "seconds": cpu_s, "recall": 1.0, "recall_f32": 1.0}
    result |= {"arithmetic": "f32", "survivors_per_row": 21.5, "redone_rows": 3}
    result |= {"peak_bytes": 3_000_000, "bytes_before": 1_000_000}
    names = ("data", "n", "d", "k", "threads")
    facts = {name: getattr(case, name) for name in names} | {"case": case.name}
    return {"kind": "measured", "run": run, "who": who, "load": load, "result": result} | facts


@pytest.fixture
def printed(tmp_path):
    """Core-seconds grow as n^2 d; ours is four times faster, on clusters three times."""
    start = {"kind": "start", "machine": {"model": "M", "cores": 2, "flags": ["avx2"]}}
    start["machine"]["memory_bytes"] = 2**34
    start |= {"versions": {"faiss-cpu": "9"}, "command": ["neighbors.py"]}
    lines = [start | {"run": "old"}, start | {"run": "new"}]
    for n, d in ((1000, 64), (2000, 64), (4000, 64), (1000, 128)):
        for data, ratio in (("isotropic", 4), ("clusters", 3)):
            case = neighbors.Case(data, n, d, 10)
            lines.append(line("old", case, "ours", 1e-9))
            lines.append(line("new", case, "faiss", n * n * d / 1e8))
            lines.append(line("new", case, "faiss", n * n * d / 1e7, load=2))
            lines.append(line("new", case, "ours", n * n * d / 1e8 / ratio))
    lines.append({"kind": "skipped", "run": "new", "what": "dinov2-s", "why": "no store"})
    file = tmp_path / "measured.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return neighbor_tables.tables(file)


def test_tables_take_the_best_turn_of_the_last_start(printed):
    assert "| isotropic | 1000 | 64 | 10 | 0.16 (1) | 0.64 (0) | 4.00 |" in printed
    assert (
        "| isotropic | 1000 | 64 | 10 | 0.160 | 0.160 | f32 | 21.5 | 3 | 2 | 0.5 - 0.5 |" in printed
    )
    assert "new: 2 cores of M (avx2), 16 GiB; faiss-cpu 9; `neighbors.py`" in printed
    assert "old: " not in printed
    assert "SKIPPED: dinov2-s: no store" in printed


def test_tables_show_what_harder_data_keeps_and_growth(printed):
    assert "| clusters | 2000 | 64 | 10 | 3.00 | 4.00 | 0.75 |" in printed
    assert "| n in 1000, 2000, 4000 | d = 64, k = 10 | 2.00 | 2.00 |" in printed
    assert "| d in 64, 128 | n = 1000, k = 10 | 1.00 | 1.00 |" in printed


def test_cases_have_names_of_their_own_and_share_files():
    cases = list(neighbors.plan())
    assert len({case.name for case in cases}) == len(cases)
    files = [(case.data, case.n, case.d) for case in cases]
    changes = 1 + sum(a != b for a, b in zip(files, files[1:], strict=False))
    assert changes == len(set(files))
