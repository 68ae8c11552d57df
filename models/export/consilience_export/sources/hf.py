"""hf:NAME_OR_FOLDER[@REVISION][#PART]: a model of transformers. Code from a hub is never run."""

from consilience_export.architectures.audio import FAMILIES as RECORDINGS
from consilience_export.architectures.picture_families import FAMILIES as PICTURES
from consilience_export.architectures.picture_families import PAIRS
from consilience_export.architectures.text_families import FAMILIES as TEXT
from consilience_export.architectures.text_families import WITH_LANGUAGE
from consilience_export.encoder import Encoder
from consilience_export.errors import UsageError
from consilience_export.job import Job
from consilience_export.sources import hub


def load(job: Job) -> Encoder:
    place = hub.resolve(job.spec)
    kind = hub.model_type(place)
    if job.spec.part and kind in (*TEXT, *PICTURES, *RECORDINGS):
        raise UsageError(f"{job.spec}: {kind} is one network and has no #{job.spec.part}")
    if kind in TEXT or (kind in WITH_LANGUAGE and job.spec.part == "text"):
        from consilience_export.sources import hf_text

        return hf_text.load(job, place)
    if kind in PICTURES:
        from consilience_export.sources import hf_picture

        return hf_picture.load(job, place, kind)
    if kind in RECORDINGS:
        from consilience_export.sources import hf_audio

        return hf_audio.load(job, place)
    if kind in PAIRS:
        from consilience_export.sources import hf_pair

        return hf_pair.load(job, place, kind)
    if kind in WITH_LANGUAGE:
        raise UsageError(f"{job.spec}: of {kind} there is the language tower: {job.spec}#text")
    raise hub.unknown_family(place, kind, [*TEXT, *PICTURES, *PAIRS, *RECORDINGS])
