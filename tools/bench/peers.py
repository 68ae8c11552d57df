"""Metrics by consilience against their textbook formulas in PyTorch, side by side.

    python tools/bench/peers.py --bench build/dev/tools/metrics_bench

Both sides read the same features (n x layers x d, float32, seeded, correlated between the sides),
use the same number of cores and run in turn (A B A B); a side's number is its run with the fewest
CPU-seconds. The peers' side is what published scripts do:

  mutual k-NN   both graphs again for every layer pair: unit rows, the n x n matrix of products, its
                diagonal filled, a full argsort, masks of the first k
  debiased CKA  for every layer pair the n x n Grams with their diagonals zeroed, and three times
                trace(K L) and 1'K L 1 by dense n x n x n products
  permutations  the n x n masks of one pair, one side's rows and columns permuted each time

Ours: graphs and Grams of every layer once, all pairs from them. The last lines are ours alone:
debiased CKA of one pair of 100,000 x 768, and its memory beside the features.
"""

import argparse
import json
import resource
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
K = 10


def features(folder, n, layers, d):
    import numpy as np

    rng = np.random.default_rng(1)
    shared = rng.standard_normal((n, d), dtype=np.float32)
    files = []
    for side in "ab":
        stack = np.empty((n, layers, d), dtype=np.float32)
        for layer in range(layers):
            mix = rng.standard_normal((d, d), dtype=np.float32) / np.float32(d**0.5)
            stack[:, layer] = shared @ mix + rng.standard_normal((n, d), dtype=np.float32)
        files.append(folder / f"{side}_{n}_{layers}_{d}.npy")
        np.save(files[-1], stack)
    return files


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def timed(function):
    wall, cpu = time.perf_counter(), cpu_seconds()
    value = function()
    return {"wall_s": time.perf_counter() - wall, "cpu_s": cpu_seconds() - cpu, "value": value}


def knn_mask(x):
    import torch

    unit = torch.nn.functional.normalize(x, dim=1)
    scores = unit @ unit.T
    scores.fill_diagonal_(-1e8)
    nearest = scores.argsort(dim=1, descending=True)[:, :K]
    return torch.zeros(len(x), len(x)).scatter_(1, nearest, 1)


def peers_mutual_knn(a, b, pairs):
    total = 0.0
    for i, j in pairs:
        shared = (knn_mask(a[:, i]) * knn_mask(b[:, j])).sum(dim=1) / K
        total = max(total, float(shared.mean()))
    return total


def hsic(k, lo):
    import torch

    n = len(k)
    one = torch.ones(n, 1, dtype=k.dtype)
    product = k @ lo
    trace = torch.trace(product) + k.sum() * lo.sum() / ((n - 1) * (n - 2))
    return (trace - 2 / (n - 2) * (one.T @ product @ one).squeeze()) / (n * (n - 3))


def peers_cka(a, b, pairs):
    largest = -1.0
    for i, j in pairs:
        grams = []
        for x in (a[:, i], b[:, j]):
            gram = x @ x.T
            gram.fill_diagonal_(0)
            grams.append(gram)
        k, lo = grams
        value = hsic(k, lo) / (hsic(k, k) * hsic(lo, lo)).sqrt()
        largest = max(largest, float(value))
    return largest


def peers_permutations(a, b, count):
    import torch

    mask_a, mask_b = knn_mask(a[:, 0]), knn_mask(b[:, 0])
    total = 0.0
    for _ in range(count):
        order = torch.randperm(len(mask_b))
        permuted = mask_b[order][:, order]
        total += float((mask_a * permuted).sum(dim=1).mean()) / K
    return total / count


def ours(bench, files, metric, permutations=0):
    command = [bench, *map(str, files), metric, str(permutations)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def summed(report, *parts):
    return {unit: sum(report[part][unit] for part in parts) for unit in ("wall_s", "cpu_s")}


def best(runs):
    return min(runs, key=lambda run: run["cpu_s"])


def row(name, theirs, our, share=1.0):
    """`share`: which part of the pairs the peers' side was run on; its seconds are scaled up."""
    scaled = {unit: theirs[unit] / share for unit in ("wall_s", "cpu_s")}
    note = "" if share == 1 else f" (from {share:.0%} of the pairs)"
    print(
        f"| {name} | {scaled['wall_s']:.2f} / {scaled['cpu_s']:.2f}{note} "
        f"| {our['wall_s']:.3f} / {our['cpu_s']:.3f} | {scaled['cpu_s'] / our['cpu_s']:.0f} |",
        flush=True,
    )


def main():
    import numpy as np
    import torch

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", default=ROOT / "build/dev/tools/metrics_bench", type=Path)
    parser.add_argument("--layers", default=12, type=int)
    parser.add_argument("--n", default=1024, type=int)
    parser.add_argument("--d", default=768, type=int)
    parser.add_argument("--rounds", default=2, type=int)
    parser.add_argument("--share", default=1.0, type=float, help="part of the pairs for the peers")
    parser.add_argument(
        "--large", default=100_000, type=int, help="rows of the last lines; 0: none"
    )
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        files = features(Path(folder), args.n, args.layers, args.d)
        a, b = (torch.from_numpy(np.load(file)) for file in files)
        pairs = [(i, j) for i in range(args.layers) for j in range(args.layers)]
        some = pairs[:: max(1, round(1 / args.share))]
        share = len(some) / len(pairs)
        grid = f"{args.layers} x {args.layers} grid"
        print(f"n = {args.n}, d = {args.d}, {torch.get_num_threads()} threads\n")
        print("| | peers' formula, wall s / CPU s | consilience, wall s / CPU s | CPU ratio |")
        print("|---|---|---|---|")

        def side_by_side(name, peer, metric, *parts, share=1.0, permutations=0):
            theirs, our = [], []
            for _ in range(args.rounds):
                theirs.append(timed(peer))
                our.append(ours(args.bench, files, metric, permutations))
            row(name, best(theirs), best([summed(run, *parts) for run in our]), share)
            return theirs[-1]["value"], our[-1]

        knn = f"mutual_knn(k={K}, preprocess=l2)"
        theirs, our = side_by_side(
            f"mutual k-NN, {grid}",
            lambda: peers_mutual_knn(a, b, some),
            knn,
            "sides",
            "score",
            share=share,
        )
        if share == 1:
            print(f"<!-- largest score: {theirs:.6f} against {our['maximum']:.6f} -->")
        for precision, dtype in (("f32", torch.float32), ("f64", torch.float64)):
            wide_a, wide_b = a.to(dtype), b.to(dtype)
            theirs, our = side_by_side(
                f"debiased linear CKA, {grid}, {precision}",
                lambda x=wide_a, y=wide_b: peers_cka(x, y, some),
                f"cka_linear_debiased(precision={precision})",
                "sides",
                "score",
                share=share,
            )
            if share == 1:
                print(f"<!-- largest score: {theirs:.9f} against {our['maximum']:.9f} -->")
        one = [Path(folder) / f"{side}_one.npy" for side in "ab"]
        for file, x in zip(one, (a, b), strict=True):
            np.save(file, x[:, 0].numpy())
        files = one
        side_by_side(
            "200 permutations of mutual k-NN, one pair",
            lambda: peers_permutations(a, b, 200),
            knn,
            "permutations",
            permutations=200,
        )

        if args.large:
            files = features(Path(folder), args.large, 1, args.d)
            report = ours(args.bench, files, "cka_linear_debiased")
            seconds = summed(report, "sides", "score")
            extra = (report["bytes_after"] - 2 * 4 * args.large * args.d) / 2**20
            print(
                f"\ndebiased linear CKA of one pair, n = {args.large}: {seconds['wall_s']:.1f} s, "
                f"{seconds['cpu_s']:.1f} CPU s, peak memory {extra:.0f} MiB above both "
                "sides' features"
            )


if __name__ == "__main__":
    main()
