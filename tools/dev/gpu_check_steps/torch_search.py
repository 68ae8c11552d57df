"""Times torch's chunked matmul + topk: torch_search.py DEVICE N,D,K ..; prints a line of JSON each.

The rows start and the lists end in host memory, as consilience's do; "resident" is the part after
the rows are on the device. The chunk that is the faster of two on some queries, which also warms
up; then the best of three searches, or of as many as begin within ten seconds.
"""

import json
import sys
import time

CHUNKS = (1024, 4096)
TRIED = 16_384  # queries
ROUNDS = 3
SECONDS = 10
CHECKED = 200
ARITHMETICS = ("f32", "TF32", "f16")


def unit_rows(torch, n, d, device):
    made = torch.randn(n, d, generator=torch.Generator(device).manual_seed(1), device=device)
    rows = torch.nn.functional.normalize(made).cpu()
    return rows.pin_memory() if device.type == "cuda" else rows


def nearest(torch, rows, k, chunk, count=None):
    """Ids of the k nearest of the first `count` rows by dot product, without themselves."""
    count = len(rows) if count is None else min(count, len(rows))
    ids = torch.empty((count, k), dtype=torch.int64, device=rows.device)
    for begin in range(0, count, chunk):
        end = min(begin + chunk, count)
        scores = rows[begin:end] @ rows.T
        scores.diagonal(begin).fill_(-torch.inf)
        ids[begin:end] = scores.topk(k).indices
    return ids


def recall(torch, rows, ids, k):
    """Share of the lists of some rows that float64 finds too."""
    step = max(1, len(rows) // CHECKED)
    wide = rows.double()
    scores = wide[::step] @ wide.T
    queries = torch.arange(0, len(rows), step, device=rows.device)
    scores[torch.arange(len(queries), device=rows.device), queries] = -torch.inf
    exact = scores.topk(k).indices
    found = (exact.unsqueeze(2) == ids[::step].unsqueeze(1)).any(2)
    return found.double().mean().item()


def wait(torch, device):
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def faster_chunk(torch, rows, k, device):
    seconds = {}
    for chunk in CHUNKS * 2:  # the first turn warms up
        wait(torch, device)
        start = time.perf_counter()
        nearest(torch, rows, k, chunk, TRIED)
        wait(torch, device)
        seconds[chunk] = time.perf_counter() - start
    return min(CHUNKS, key=seconds.get)


def measure(torch, host, k, arithmetic, device):
    torch.backends.cuda.matmul.allow_tf32 = arithmetic == "TF32"

    def cast(rows):
        return rows.half() if arithmetic == "f16" else rows

    chunk = faster_chunk(torch, cast(host.to(device)), k, device)
    runs = []
    begin = time.perf_counter()
    while len(runs) < ROUNDS and (not runs or time.perf_counter() < begin + SECONDS):
        wait(torch, device)
        start = time.perf_counter()
        rows = host.to(device)
        wait(torch, device)
        there = time.perf_counter()
        ids = nearest(torch, cast(rows), k, chunk)
        wait(torch, device)
        found = time.perf_counter()
        ids.cpu()
        runs.append((time.perf_counter() - start, found - there))
    torch.backends.cuda.matmul.allow_tf32 = False
    seconds, resident = min(runs)
    facts = {"seconds": seconds, "resident_seconds": resident, "chunk": chunk}
    return {**facts, "recall": recall(torch, rows, ids, k)}


def main(words):
    import torch

    device = torch.device(words[0] if words[0] == "cpu" else f"cuda:{words[0]}")
    for shape in words[1:]:
        n, d, k = map(int, shape.split(","))
        host = unit_rows(torch, n, d, device)
        for arithmetic in ARITHMETICS:
            found = measure(torch, host, k, arithmetic, device)
            line = {"n": n, "d": d, "k": k, "arithmetic": arithmetic, **found}
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
