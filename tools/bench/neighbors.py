"""Exact neighbour graphs: consilience against faiss, torch, scikit-learn and usearch, side by side.

    python3 -m venv build/bench-venv
    build/bench-venv/bin/pip install -r tools/requirements-bench.txt
    build/bench-venv/bin/python tools/bench/neighbors.py             # measures: about two hours
    build/bench-venv/bin/python tools/bench/neighbors.py --table     # what was measured, Markdown

Every measurement is a process of its own; consilience and its peers take turns (A B A B) on the
same file of rows, with one thread each. Seconds are those of the search alone, memory warm: up to
10,000 rows the whole search ran before, beyond that consilience's whole search and 2,048 rows of a
peer's. A side's number is its run with the fewest CPU-seconds. 200 rows are checked before a time
counts: consilience's lists bit for bit against its reference, a peer's ids against float64.
"""

import argparse
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import neighbor_peers
import neighbor_tables

ROOT = Path(__file__).resolve().parents[2]
MAIN_PACKAGES = (ROOT / ".venv/lib").glob("python3*/site-packages")  # torch is there already
sys.path.extend(map(str, MAIN_PACKAGES))
OURS = "ours"
EVERYWHERE = (OURS, "faiss", "torch-f32", "torch-bf16")
ALL = (OURS, *neighbor_peers.PEERS)
ZOO = {"dinov2-s": 6, "minilm-l6": 3}  # a layer in the middle, by position


@dataclass(frozen=True)
class Case:
    data: str
    n: int
    d: int
    k: int
    who: tuple = EVERYWHERE
    threads: int = 1
    warm: bool = True  # False: the first search is the one that counts

    @property
    def name(self):
        threads = "" if self.threads == 1 else f"-threads={self.threads}"
        return f"{self.data}-n={self.n}-d={self.d}-k={self.k}{threads}"


def plan():
    for d in (128, 384, 768, 1024, 4096):
        yield Case("isotropic", 10_000, d, 10, ALL if d in (384, 768) else EVERYWHERE)
        yield Case("isotropic", 10_000, d, 100)
    for data in ("anisotropic", "clusters"):
        yield Case(data, 10_000, 768, 10)
        yield Case(data, 10_000, 768, 100)
    yield Case("isotropic", 50_000, 768, 10)
    yield Case("isotropic", 50_000, 768, 100)
    yield Case("isotropic", 50_000, 768, 10, (OURS, "faiss"), threads=2)
    for data in ("anisotropic", "clusters"):
        yield Case(data, 50_000, 768, 10)
    yield Case("isotropic", 100_000, 384, 10)
    yield Case("isotropic", 100_000, 768, 10)
    yield Case("isotropic", 100_000, 128, 10, (OURS,))
    yield Case("isotropic", 1_000_000, 128, 10, (OURS,), warm=False)


def zoo_cases(program, store, folder, log):
    """Files and cases of the demo study's features; says which are not there."""
    for model, layer in ZOO.items():
        file = folder / f"{model}.npy"
        words = ["export", model, file, "--layer", layer, "--store", store, "--json"]
        result = subprocess.run([program, *map(str, words)], capture_output=True, text=True)
        if result.returncode != 0:
            why = json.loads(result.stderr)["error"]["message"] + " (tools/demo makes them)"
            print(f"SKIPPED: {model}: {why}", file=sys.stderr)
            log.add("skipped", what=model, why=why)
            continue
        facts = json.loads(result.stdout)
        for k in (10, 100):
            yield file, Case(f"{model}:{facts['slot']}", facts["rows"], facts["width"], k)


def run_json(command, environment=None):
    result = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        env=os.environ | (environment or {}),
    )
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\n{result.stderr}")
    return json.loads(result.stdout)


def searches_in_a_process(case):
    if not case.warm:
        return 0
    return 20 if case.n <= 2_000 else 3 if case.n <= neighbor_peers.WHOLE_WARM_UP else 1


def measure(program, who, case, file):
    rounds = searches_in_a_process(case)
    if who == OURS:
        words = ["--data", file] if file else ["--n", case.n, "--d", case.d, "--data", case.data]
        words += ["--k", case.k, "--rounds", rounds, "--threads", case.threads, "--json"]
        return run_json([program, "bench", "neighbors", *words])
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    words = ["--worker", who, "--file", file, "--k", case.k, "--threads", case.threads]
    return run_json(
        [sys.executable, __file__, *words, "--rounds", max(1, rounds)],
        dict.fromkeys(names, str(case.threads)),
    )


def machine():
    lines = subprocess.run(["lscpu"], capture_output=True, text=True, check=True).stdout
    facts = dict(line.split(":", 1) for line in lines.splitlines() if ":" in line)
    flags = facts.get("Flags", "").split()
    wanted = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8")
    return {
        "model": facts.get("Model name", "").strip(),
        "cores": os.cpu_count(),
        "flags": [flag for flag in wanted if flag in flags],
        "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
    }


def versions(program):
    packages = ("faiss-cpu", "torch", "scikit-learn", "usearch", "numpy")
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
    )
    found = {
        "consilience": run_text([program, "--version"]).split()[-1],
        "commit": commit.stdout.strip(),
    }
    for package in packages:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def run_text(command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


class Log:
    """Appends JSON lines; every line of one start carries its id."""

    def __init__(self, file):
        self.file = file
        self.run = time.strftime("%Y-%m-%dT%H:%M:%S")
        file.parent.mkdir(parents=True, exist_ok=True)

    def add(self, kind, **facts):
        with self.file.open("a") as out:
            out.write(json.dumps({"kind": kind, "run": self.run} | facts) + "\n")


def run_cases(args, log, cases, file):
    """All cases on one file of rows; `file` None: made where they are searched."""
    for case in cases:
        side = [who for who in case.who if who == OURS or who.startswith(args.peers)]
        for turn in range(args.rounds if case.warm else 1):
            for who in side:
                load = os.getloadavg()[0]
                found = measure(args.program, who, case, file)
                rate = 2 * case.n**2 * case.d / 1e9 / found["cpu_s"]
                log.add(
                    "measured",
                    **asdict(case) | {"case": case.name, "who": who, "turn": turn, "load": load},
                    result=found,
                )
                print(
                    f"{case.name:<44}{who:<12}{found['cpu_s']:>9.3f} core-s{found['seconds']:>9.3f}"
                    f" s{rate:>8.1f} GFLOP/core-s  load {load:.1f}",
                    flush=True,
                )


def run(args):
    log = Log(args.out)
    log.add("start", machine=machine(), versions=versions(args.program), command=sys.argv)
    chosen = [case for case in plan() if re.search(args.only, case.name)]
    with tempfile.TemporaryDirectory(dir=args.out.parent) as name:
        folder = Path(name)
        for file, case in zoo_cases(args.program, args.store, folder, log):
            if re.search(args.only, case.name):
                run_cases(args, log, [case], file)
        for (data, n, d), cases in groupby(chosen, lambda case: (case.data, case.n, case.d)):
            cases = list(cases)
            if all(case.who == (OURS,) for case in cases):
                run_cases(args, log, cases, None)
                continue
            file = folder / "rows.npy"
            words = ["--n", n, "--d", d, "--data", data, "--write", file, "--json"]
            run_json([args.program, "bench", "neighbors", *words])
            run_cases(args, log, cases, file)
            file.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=ROOT / "build/dev/tools/consilience", type=Path)
    parser.add_argument("--store", default=ROOT / "store", type=Path, help="of the demo study")
    parser.add_argument("--out", default=ROOT / "build/bench-neighbors.jsonl", type=Path)
    parser.add_argument("--only", default="", help="cases whose name this regex finds")
    parser.add_argument("--rounds", default=2, type=int, help="turns of every side")
    parser.add_argument(
        "--peers", default=",".join(neighbor_peers.PEERS), help="names or their beginnings; none"
    )
    parser.add_argument("--list", action="store_true", help="print the cases' names")
    parser.add_argument("--table", action="store_true", help="print tables of what --out holds")
    worker = parser.add_argument_group("one measurement of a peer, for the script itself")
    worker.add_argument("--worker", choices=neighbor_peers.PEERS)
    worker.add_argument("--file", type=Path)
    worker.add_argument("--k", type=int)
    worker.add_argument("--threads", type=int)
    args = parser.parse_args()
    args.peers = tuple(args.peers.split(","))
    if args.worker:
        print(
            json.dumps(
                neighbor_peers.measure(
                    args.worker, args.file, args.k, args.threads, args.rounds, checked=200
                )
            )
        )
    elif args.list:
        print(*(case.name for case in plan()), sep="\n")
    elif args.table:
        print(neighbor_tables.tables(args.out))
    else:
        run(args)


if __name__ == "__main__":
    main()
