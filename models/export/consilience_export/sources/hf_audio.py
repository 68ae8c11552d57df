"""A folder of an audio model of transformers to an Encoder."""

import transformers

from consilience_export.architectures import audio
from consilience_export.encoder import Encoder
from consilience_export.errors import ExportError, UsageError
from consilience_export.job import Job
from consilience_export.sources import weights
from consilience_export.sources.hub import Place, model_type, read_json

# What checkpoints hold beside the network: the contrastive task's parts.
_OTHERS = r"(quantizer|project_q|project_hid)\."


def _hearing(place: Place) -> audio.Hearing:
    """What preprocessor_config.json says. Raises ExportError when it says no rate."""
    file = place.folder / "preprocessor_config.json"
    if not file.is_file():
        raise ExportError(f"{file}: no such file: how its recordings are prepared is not known")
    settings = read_json(file)
    rate = settings.get("sampling_rate")
    if not isinstance(rate, int) or rate < 1:
        raise ExportError(f"{file}: sampling_rate: expected a rate in Hz, found {rate!r}")
    return audio.Hearing(rate, unit=bool(settings.get("do_normalize", True)))


def load(job: Job, place: Place) -> Encoder:
    if job.options.dtype != "f32":
        raise UsageError(f"--dtype {job.options.dtype}: models that listen are kept in f32")
    hearing = _hearing(place)
    kind = getattr(transformers, audio.FAMILIES[model_type(place)])
    network = weights.load(kind, place.folder, job.options.dtype, others=_OTHERS)
    return audio.encoder(network, hearing, place.origin, poolings=job.options.poolings)
