"""The benchmark programs, and torch beside them."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from . import machine

NEIGHBORS = re.compile(r"neighbors/(\w+)/n:(\d+)/d:(\d+)/k:(\d+)")


def benchmarks(programs, device, seconds, small=False):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "benchmarks.json"
        words = [programs.path("cuda_bench"), f"--benchmark_out={out}"]
        words += ["--benchmark_out_format=json", *(["--small"] if small else [])]
        code, said, took = programs.start(words, device, seconds)
        try:
            report = json.loads(out.read_text())
        except (OSError, ValueError):
            return {"broken": f"cuda_bench ended with {code}", "said": said.splitlines()[-12:]}
    return {"exit": code, "seconds": took, "rows": report["benchmarks"]}


def neighbor_shapes(rows):
    """The (n, d, k) of isotropic rows that were measured, in their order."""
    for row in rows:
        found = NEIGHBORS.match(row["name"])
        if found and found.group(1) == "isotropic" and not row.get("error_occurred"):
            yield tuple(int(number) for number in found.groups()[1:])


def torch_peers(shapes, device, seconds):
    """torch's chunked matmul + topk on rows of the same shapes, in a process of its own."""
    try:
        facts = machine.torch_facts()
    except machine.CannotRunError as error:
        return {"skipped": str(error)}
    script = Path(__file__).with_name("torch_search.py")
    words = [sys.executable, str(script), str(device), *(f"{n},{d},{k}" for n, d, k in shapes)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return {"skipped": f"torch did not end within {seconds} s"}
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
        return {"skipped": f"torch {facts['version']}: {last}"}
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {"version": facts["version"], "rows": rows}
