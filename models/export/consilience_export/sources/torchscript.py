"""torchscript:FILE --card CARD.json: an artefact of your own, with a draft of its card.

    python -m consilience_export import torchscript:mine.ts --card mine.json --out store/models

The archive's forward takes pixels float32 [B, 3, H, W], ids and mask int64 [B, T], or waveforms
float32 [B, N], and gives a list of float32 [B, P, D], one a layer (and [B, S], where it has
scalars). The draft is a card's identity without its hashes (docs/model-package.md): modality,
layers, poolings, and pixels, audio or tokens, whose `tokenizer` is a file beside it.

There is no original to compare with, and the card says so. What is checked: no Python, device or
chance in the graph; the form of the output at several sizes of batch; equal bits when run twice;
each sample alone like itself in a batch.
"""

from pathlib import Path

from consilience_export import card_draft, foreign
from consilience_export.distributions import sha256_file
from consilience_export.encoder import Encoder
from consilience_export.errors import ExportError, UsageError
from consilience_export.job import Job
from consilience_export.torchscript import trace
from consilience_export.torchscript.artefact import Artefact

_FIXED = ("layers", "poolings", "dtype", "image_size", "max_tokens", "pixels", "segments")


def _read(path: Path) -> Artefact:
    if not path.is_file():
        raise ExportError(f"{path}: no such file")
    with foreign.told(f"reading {path}", f"{path}: not a TorchScript archive that can be loaded"):
        return trace.load(path)


def load(job: Job) -> Encoder:
    """The archive is packaged byte for byte."""
    if job.options.card is None:
        raise UsageError(f"{job.spec}: an artefact of your own needs --card CARD.json")
    if flags := job.options.asked(*_FIXED):
        raise UsageError(f"{flags[0]}: an artefact is taken as it is; its card says what it has")
    path = Path(job.spec.where).expanduser()
    draft = card_draft.read(job.options.card)
    module = _read(path)
    return Encoder(
        modality=draft.modality,
        module=module,
        original=module,
        reference=None,
        layers=draft.layers,
        poolings=draft.poolings,
        scalars=draft.scalars,
        architecture={"class": "TorchScript", "configuration": draft.description},
        origin={"source": "torchscript", "source_sha256": sha256_file(path)},
        facts=draft.about,
        tokenizer=draft.tokenizer,
        runtime=draft.runtime,
        dtype=draft.dtype,
        artefact=path,
        **draft.sections,
    )
