"""Importing one model and its twins: load, trace, verify, describe, commit."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from consilience_export import package
from consilience_export.errors import ExportError
from consilience_export.job import Job
from consilience_export.recipe import is_known, recipe


@dataclass(frozen=True)
class Wanted:
    """A package to be made: the model itself (no seed) or one twin."""

    name: str
    seed: int | None
    recipe: str


def wanted(job: Job, twins: int) -> list[Wanted]:
    """The trained model, then its twins with seeds 1..n; what was not learnt has none."""
    seeds: list[int | None] = [None]
    if not job.trivial:
        seeds += range(1, twins + 1)
    names = [job.name if seed is None else f"{job.name}.random-{seed}" for seed in seeds]
    return [Wanted(n, s, recipe(job, s)) for n, s in zip(names, seeds, strict=True)]


def import_model(job: Job, twins: int, out: Path) -> Iterator[Path]:
    """Yields the folder of every package asked for, made now or found whole."""
    if job.spec.kind == "api":  # nothing to trace: the weights are elsewhere
        from consilience_export.sources import api

        yield api.import_endpoint(job, out)
        return
    encoder = None
    for want in wanted(job, twins):
        existing = package.find(out, want.name, want.recipe) if is_known(job) else None
        if existing is not None:
            print(f"{want.name}: kept {existing.name}", file=sys.stderr)
            yield existing
            continue
        started = time.process_time()
        # Imported late: a run that keeps everything needs neither torch nor transformers.
        from consilience_export import build

        try:
            if encoder is None:
                encoder = build.load(job)
            folder, note = build.write(job, encoder, want, out)
        except ExportError as error:
            raise type(error)(f"{want.name}: {error}") from error
        spent = time.process_time() - started
        print(f"{want.name}: wrote {folder.name} ({note}, {spent:.1f} s CPU)", file=sys.stderr)
        yield folder
