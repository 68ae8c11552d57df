"""SmolLM2: a GGUF file inside a distribution."""

from consilience_export import distributions
from consilience_export.encoder import Encoder
from consilience_export.job import Job
from consilience_export.sources import gguf


def load(job: Job) -> Encoder:
    source = distributions.find(job.packages[0], ".gguf")
    return gguf.encoder_of(job, source.path, source.origin)
