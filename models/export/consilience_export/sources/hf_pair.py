"""hf:NAME_OR_FOLDER#vision and #text: one tower of a model trained on pictures with captions.

The last layer, `projection`, is what the towers were trained to agree in, before it is scaled to
length 1. CLIP projects its class token and its end of text; here every pooling is projected, so
`first` of a picture and `last` of a caption are CLIP's own. SigLIP's picture tower ends in an
attention pooling, one vector whatever the pooling; its text tower reads captions padded to its full
length, and its own vector is the `last` of those.
"""

import transformers
from torch import Tensor, nn

from consilience_export.encoder import Encoder, Layer
from consilience_export.errors import UsageError
from consilience_export.job import Job
from consilience_export.sources import hf_picture, hf_text, tokenizer_files, weights
from consilience_export.sources.hub import Place

_TOWERS = {
    ("clip", "vision"): transformers.CLIPVisionModelWithProjection,
    ("clip", "text"): transformers.CLIPTextModelWithProjection,
    ("siglip", "vision"): transformers.SiglipVisionModel,
    ("siglip", "text"): transformers.SiglipTextModel,
}
_OTHERS = {
    "vision": r"(text_model|text_projection|logit_scale|logit_bias)",
    "text": r"(vision_model|visual_projection|logit_scale|logit_bias)",
}


class Projection(nn.Module):
    """Of pooled vectors, which are float32, by weights that may have 16 bits."""

    def __init__(self, linear: nn.Linear):
        super().__init__()
        self.linear = linear

    def forward(self, pooled: Tensor) -> Tensor:
        return self.linear(pooled.to(self.linear.weight.dtype)).float()


def _tower(job: Job, place: Place, kind: str, part: str) -> nn.Module:
    """CLIP's shared width stands beside the towers' configurations, not in them."""
    whole = weights.saved(transformers.AutoConfig, place.folder)
    config = getattr(whole, f"{part}_config")
    if kind == "clip":
        config.projection_dim = whole.projection_dim
    return weights.load(
        _TOWERS[kind, part], place.folder, job.options.dtype, others=_OTHERS[part], config=config
    )


def _picture(job: Job, place: Place, kind: str) -> Encoder:
    prepared = hf_picture.recipe(job, place)
    tower = _tower(job, place, kind, "vision")
    projection = tower.visual_projection if kind == "clip" else None
    return hf_picture.encoder(job, tower, prepared, place.origin, projection)


def _text(job: Job, place: Place, kind: str) -> Encoder:
    clip = kind == "clip"
    tower = _tower(job, place, kind, "text")
    network = tower.text_model if clip else tower
    projection = tower.text_projection if clip else tower.head
    return hf_text.encoder(
        job,
        place,
        network,
        tokenizer_files.load(place.folder),
        own_poolings=["last"],
        after=Projection(projection),
        after_layer=Layer("projection", projection.out_features, "head"),
        original=tower,
        origin=place.origin,
    )


def load(job: Job, place: Place, kind: str) -> Encoder:
    """`kind`: clip or siglip."""
    towers = {"vision": _picture, "text": _text}
    if job.spec.part not in towers:
        raise UsageError(
            f"{job.spec}: {kind} has two towers: say {job.spec.kind}:{job.spec.where}#vision or "
            "#text"
        )
    return towers[job.spec.part](job, place, kind)
