"""hf:NAME_OR_FOLDER[@REVISION][#PART]: a model of transformers. Code from a hub is never run."""

from consilience_export.architectures.text_families import FAMILIES as TEXT
from consilience_export.encoder import Encoder
from consilience_export.job import Job
from consilience_export.sources import hub


def load(job: Job) -> Encoder:
    place = hub.resolve(job.spec)
    kind = hub.model_type(place)
    if kind in TEXT:
        from consilience_export.sources import hf_text

        return hf_text.load(job, place)
    raise hub.unknown_family(place, kind, list(TEXT))
