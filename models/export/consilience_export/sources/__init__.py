"""One module per kind of spec: `load(job) -> Encoder`."""

from importlib import import_module
from typing import TYPE_CHECKING

from consilience_export.job import Job

if TYPE_CHECKING:  # torch takes seconds, and an endpoint needs none
    from consilience_export.encoder import Encoder


def load(job: Job) -> "Encoder":
    """Loads the network; imports only what that kind needs."""
    return import_module(f"{__name__}.{job.spec.kind}").load(job)
