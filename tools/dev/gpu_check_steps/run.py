"""All steps, one after the other; what is known is kept after each."""

import datetime
import json
from pathlib import Path

from . import benchmarks, conformance, features, machine, results
from .programs import Programs

STEPS = ("conformance", "sanitizer", "benchmarks", "torch", "features")


def step_names(text):
    names = text.split(",")
    for name in names:
        if name not in STEPS:
            raise machine.CannotRunError(f"no step '{name}': there are {', '.join(STEPS)}")
    return names


def add_words(parser):
    parser.add_argument("--build", type=Path, help="a build folder, in place of what was packed")
    parser.add_argument("--store", type=Path, help="a store with model packages and sources")
    parser.add_argument("--device", type=int, default=0)
    parser.add_argument("--only", default=",".join(STEPS), help="steps, with commas")
    parser.add_argument("--small", action="store_true", help="small shapes in the benchmarks")
    parser.add_argument("--out", type=Path, default=Path("gpu-results.md"))
    parser.add_argument("--seconds", type=int, default=1800, help="of a step at most")
    parser.add_argument("--sanitizer-seconds", type=int, default=300, help="of each tool at most")


def run(arguments):
    steps = step_names(arguments.only)
    device, seconds = arguments.device, arguments.seconds
    facts = machine.describe(device)
    programs = Programs(arguments.build)
    programs.check_start(device)
    store = arguments.store or programs.root / "store"
    found = {
        "machine": {
            **facts,
            "date": datetime.date.today().isoformat(),
            "packed": programs.manifest,
        }
    }
    work = {
        "conformance": lambda: conformance.conformance(programs, device, seconds),
        "sanitizer": lambda: conformance.sanitize(programs, device, arguments.sanitizer_seconds),
        "benchmarks": lambda: benchmarks.benchmarks(programs, device, seconds, arguments.small),
        "torch": lambda: benchmarks.torch_peers(
            list(benchmarks.neighbor_shapes(found.get("benchmarks", {}).get("rows", []))),
            device,
            seconds,
        ),
        "features": lambda: features.features(programs, store, device, seconds),
    }
    kept = arguments.out.with_suffix(".json")
    for name in (each for each in STEPS if each in steps):
        print(f"{name} ..", flush=True)
        found[name] = work[name]()
        kept.write_text(json.dumps(found, indent=1))
        code = results.write(kept, arguments.out)  # also what a later step is cut off from
    return code
