"""What neighbors.py measures beside consilience: a search by a peer, in a process of its own."""

import ctypes
import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

WARM_ROWS = 2048  # the slice that warms memory and on which torch's chunks are compared
WHOLE_WARM_UP = 10_000  # up to so many rows the warm-up is the whole search
F32_SLACK = 2e-6  # scores of unit rows so close to the k-th are one to float32


@dataclass
class Search:
    run: Callable  # queries [begin, end) -> ids [end - begin, k], without the rows themselves
    note: str = ""


def without_self(ids, begin, k):
    """Ids of k + 1 rows to those of k others; self may be missing where float32 ties."""
    keep = ids != np.arange(begin, begin + len(ids))[:, None]
    keep[keep.all(axis=1), -1] = False
    return ids[keep].reshape(len(ids), k)


def faiss_flat(x, k, threads):
    import faiss

    faiss.omp_set_num_threads(threads)
    index = faiss.IndexFlatIP(x.shape[1])
    index.add(x)
    return Search(lambda begin, end: without_self(index.search(x[begin:end], k + 1)[1], begin, k))


def torch_chunked(x, k, threads, bf16=False):
    import torch

    torch.set_num_threads(threads)
    rows = torch.from_numpy(x)
    n = len(rows)

    def run(begin, end, chunk):
        gallery = rows.bfloat16() if bf16 else rows
        ids = torch.empty((end - begin, k), dtype=torch.int64)
        room = torch.empty((chunk, n), dtype=gallery.dtype)
        for at in range(begin, end, chunk):
            stop = min(at + chunk, end)
            scores = torch.mm(gallery[at:stop], gallery.T, out=room[: stop - at])
            scores.diagonal(at).fill_(-torch.inf)
            ids[at - begin : stop - begin] = scores.topk(k).indices
        return ids.numpy()

    def cost(chunk):
        run(0, min(n, WARM_ROWS), chunk)
        return timed(lambda: run(0, min(n, WARM_ROWS), chunk))["cpu_s"]

    chunk = min((256, 512), key=cost)
    return Search(partial(run, chunk=chunk), f"chunks of {chunk}")


def sklearn_brute(x, k, threads):
    from sklearn.neighbors import NearestNeighbors

    index = NearestNeighbors(n_neighbors=k, algorithm="brute", metric="cosine", n_jobs=threads)
    index.fit(x)

    def run(begin, end):
        if (begin, end) == (0, len(x)):  # without queries it leaves out the rows themselves
            return index.kneighbors(return_distance=False)
        return without_self(index.kneighbors(x[begin:end], k + 1, False), begin, k)

    return Search(run)


def usearch_exact(x, k, threads):
    from usearch.index import MetricKind, search

    def run(begin, end):
        found = search(x, x[begin:end], k + 1, MetricKind.IP, exact=True, threads=threads)
        return without_self(found.keys.astype(np.int64), begin, k)

    return Search(run)


PEERS = {
    "faiss": faiss_flat,
    "torch-f32": torch_chunked,
    "torch-bf16": partial(torch_chunked, bf16=True),
    "sklearn": sklearn_brute,
    "usearch": usearch_exact,
}
ROUNDED = {"torch-bf16"}  # answers need not be right


def keep_freed_memory():
    """As consilience's verb does: else every search faults its large blocks in anew."""
    m_trim_threshold, m_mmap_max = -1, -4
    libc = ctypes.CDLL(None)
    libc.mallopt(m_mmap_max, 0)
    libc.mallopt(m_trim_threshold, -1)


def timed(function):
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    value = function()
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    faults = after.ru_minflt - before.ru_minflt
    return {"seconds": seconds, "cpu_s": cpu_s, "page_faults": faults, "value": value}


def recall(x, ids, rows):
    """Share of `ids` among the k best in float64, exactly and within what float32 can tell."""
    exact = close = 0
    k = ids.shape[1]
    scores = np.empty((len(rows), len(x)))
    queries = x[rows].astype(np.float64)
    for begin in range(0, len(x), WARM_ROWS):
        block = x[begin : begin + WARM_ROWS].astype(np.float64)
        scores[:, begin : begin + WARM_ROWS] = queries @ block.T
    scores[np.arange(len(rows)), rows] = -np.inf
    for row, found in zip(scores, ids[rows], strict=True):
        best = np.argpartition(-row, k - 1)[:k]
        assert len(set(found.tolist())) == k, "the same id twice in a list"
        exact += len(np.intersect1d(best, found))
        close += int((row[found] >= row[best].min() - F32_SLACK).sum())
    return exact / (len(rows) * k), close / (len(rows) * k)


def measure(name, file, k, threads, rounds, checked):
    """The round with the fewest CPU-seconds, after a check of `checked` rows against float64."""
    keep_freed_memory()
    x = np.load(file)
    lengths = np.linalg.norm(x, axis=1, keepdims=True)
    if np.abs(lengths - 1).max() > 1e-5:  # rows made for this are of length 1 already
        x = x / lengths
    n = len(x)
    search = PEERS[name](x, k, threads)
    search.run(0, n if n <= WHOLE_WARM_UP else WARM_ROWS)
    runs = [timed(lambda: search.run(0, n)) for _ in range(rounds)]
    rows = np.random.default_rng(1).choice(n, min(checked, n), replace=False)
    exact, close = recall(x, runs[-1]["value"], rows)
    if name not in ROUNDED and close < 0.999:
        raise SystemExit(f"{name}: recall {close} against float64, so no time is given")
    best = min(runs, key=lambda run: run["cpu_s"])
    del best["value"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return best | {
        "recall": exact,
        "recall_f32": close,
        "peak_bytes": peak,
        "note": search.note,
        "load_after": os.getloadavg()[0],
    }
