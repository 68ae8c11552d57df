"""Times torch's chunked matmul + topk: torch_search.py DEVICE N,D,K ..; prints a line of JSON each.

The rows start and the lists end in host memory, as consilience's do; "resident" is the part after
the rows are on the device. The best chunk of two, the best of three after one that warms up.
"""

import json
import sys
import time

CHUNKS = (1024, 4096)
ROUNDS = 3
CHECKED = 200
ARITHMETICS = ("f32", "TF32", "f16")


def unit_rows(torch, n, d, device):
    made = torch.randn(n, d, generator=torch.Generator(device).manual_seed(1), device=device)
    rows = torch.nn.functional.normalize(made).cpu()
    return rows.pin_memory() if device.type == "cuda" else rows


def nearest(torch, rows, k, chunk):
    """Ids of the k nearest of every row by dot product, without itself."""
    n = len(rows)
    ids = torch.empty((n, k), dtype=torch.int64, device=rows.device)
    for begin in range(0, n, chunk):
        end = min(begin + chunk, n)
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


def measure(torch, host, k, arithmetic, chunk, device):
    torch.backends.cuda.matmul.allow_tf32 = arithmetic == "TF32"
    best = None
    for turn in range(ROUNDS + 1):
        wait(torch, device)
        start = time.perf_counter()
        rows = host.to(device)
        wait(torch, device)
        there = time.perf_counter()
        ids = nearest(torch, rows.half() if arithmetic == "f16" else rows, k, chunk)
        wait(torch, device)
        found = time.perf_counter()
        ids.cpu()
        seconds = time.perf_counter() - start
        if turn > 0 and (best is None or seconds < best["seconds"]):
            best = {"seconds": seconds, "resident_seconds": found - there, "chunk": chunk}
    torch.backends.cuda.matmul.allow_tf32 = False
    return {**best, "recall": recall(torch, rows, ids, k)}


def main(words):
    import torch

    device = torch.device(words[0] if words[0] == "cpu" else f"cuda:{words[0]}")
    for shape in words[1:]:
        n, d, k = map(int, shape.split(","))
        host = unit_rows(torch, n, d, device)
        for arithmetic in ARITHMETICS:
            runs = [measure(torch, host, k, arithmetic, chunk, device) for chunk in CHUNKS]
            best = min(runs, key=lambda run: run["seconds"])
            line = {"n": n, "d": d, "k": k, "arithmetic": arithmetic, **best}
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
