"""One module per kind of spec: `load(job) -> Encoder`, `state(job) -> bytes` of what it reads."""

from importlib import import_module

from consilience_export.encoder import Encoder
from consilience_export.job import Job


def load(job: Job) -> Encoder:
    """Loads the network; imports only what that kind needs."""
    return import_module(f"{__name__}.{job.spec.kind}").load(job)
