"""timm:NAME[@PRETRAINED_TAG]: a vision model of timm, with its published weights."""

import timm

from consilience_export.architectures import timm_model
from consilience_export.encoder import Encoder
from consilience_export.errors import ExportError, UsageError
from consilience_export.job import Job
from consilience_export.sources import checkpoint, hub
from consilience_export.spec import Spec


def _published(job: Job) -> tuple[str, str, str | None]:
    """(NAME.TAG, the repository on the hub, a file in it where timm names one)."""
    spec = job.spec
    if "?" in spec.where:
        raise UsageError(f"{spec}: published weights fit the network as it is: no arguments")
    name = f"{spec.where}.{spec.revision}" if spec.revision else spec.where
    base = name.split(".")[0]
    if not timm.is_model(base):
        close = timm.list_models(f"{base[:12]}*")[:5]
        known = f"; there are {', '.join(close)} .." if close else ""
        raise UsageError(f"{spec}: timm {timm.__version__} has no model {base!r}{known}")
    tags = [other.partition(".")[2] for other in timm.list_pretrained(f"{base}.*")]
    if not tags or ("." in name and name.partition(".")[2] not in tags):
        known = f"there are {', '.join(tags)}" if tags else "there are none"
        raise UsageError(f"{spec}: no such published weights; {known}")
    config = timm.get_pretrained_cfg(name)
    tag = config.tag
    if not config.hf_hub_id:
        raise ExportError(f"{base}.{tag}: timm has no weights of it on the hub")
    return f"{base}.{tag}", str(config.hf_hub_id), config.hf_hub_filename


def load(job: Job) -> Encoder:
    """Offline and not in the cache: refused at once. Random weights come as twins only."""
    name, repository, filename = _published(job)
    place = hub.resolve(Spec("hf", repository))
    file = place.folder / filename if filename else hub.weight_files(place)[0]
    network = timm_model.create(name, {}, job.options.image_size)
    timm_model.fill(network, checkpoint.read(file).tensors, str(file))
    origin = place.origin | {"source": f"timm:{name}"}
    return timm_model.encoder(network, name, {}, job.options, origin)
