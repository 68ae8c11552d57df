"""Trivial encoders: what anyone can compute without learning. Baselines for every table."""

import torch
from torch import Tensor, nn

from consilience_export import distributions, pixels, tokenizer
from consilience_export.encoder import Encoder, Layer
from consilience_export.job import Job

_BINS = 512  # 8 x 8 x 8 RGB
_WORDS = 2048
_KNUTH = 2654435761  # 2^32 / golden ratio: multiplicative hashing
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


class ColourHistogram(nn.Module):
    """Share of the pixels in each of 8 x 8 x 8 RGB bins (the top three bits of every byte)."""

    def forward(self, pixels: Tensor) -> list[Tensor]:
        octant = (pixels * 255).round().clamp(0, 255).floor_divide(32)
        code = (octant[:, 0] * 64 + octant[:, 1] * 8 + octant[:, 2]).flatten(1).long()
        counts = pixels.new_zeros([pixels.size(0), 512])
        counts = counts.scatter_add(1, code, torch.ones_like(code, dtype=pixels.dtype))
        return [(counts / code.size(1)).unsqueeze(1)]


class BagOfWords(nn.Module):
    """Share of a caption's word pieces in each of 2,048 hash buckets; special tokens do not count.

    The bucket is the top 11 bits of id * 2654435761 mod 2^32. A caption without words gives zeros.
    """

    def __init__(self, special: list[int]):
        super().__init__()
        self.register_buffer("special", torch.tensor(special))

    def forward(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        is_special = (ids.unsqueeze(2) == self.special).any(2)
        words = mask * (1 - is_special.long())
        bucket = ((ids * 2654435761) & 4294967295) >> 21
        counts = torch.zeros_like(words[:, :1], dtype=torch.float32).repeat(1, 2048)
        counts = counts.scatter_add(1, bucket, words.float())
        return [(counts / words.sum(1, keepdim=True).clamp(min=1)).unsqueeze(1)]


def _histogram_reference(sample: Tensor) -> tuple[list[Tensor], None]:
    red, green, blue = (sample * 255).round().to(torch.uint8).flatten(1) >> 5
    code = red.long() * 64 + green.long() * 8 + blue.long()
    return [nn.functional.one_hot(code, _BINS).float()], None


def _bag_reference(special: list[int]):
    def run(sample: Tensor) -> tuple[list[Tensor], None]:
        words = [word for word in sample.tolist() if word not in special]
        rows = torch.zeros(max(len(words), 1), _WORDS)
        for row, word in enumerate(words):
            rows[row, (word * _KNUTH % 2**32) // 2**21] = 1
        return [rows], None

    return run


def load_colour_histogram(job: Job) -> Encoder:
    module = ColourHistogram()
    return Encoder(
        modality="vision",
        module=module,
        original=module,
        reference=_histogram_reference,
        layers=[Layer("histogram", _BINS, "embedding")],
        poolings=["mean"],
        architecture={"class": "ColourHistogram", "configuration": {"bins": [8, 8, 8]}},
        weights={"kind": "trivial"},
        pixels=pixels.describe(job, [0.0], [1.0]),
        scripted=True,
    )


def load_bag_of_words(job: Job) -> Encoder:
    """Word pieces of the tokenizer in the first package."""
    tokens = tokenizer.from_file(distributions.find(job.packages[0], "model/tokenizer.json").path)
    special = [tokens.token_to_id(token) for token in _SPECIAL]
    module = BagOfWords(special)
    return Encoder(
        modality="text",
        module=module,
        original=module,
        reference=_bag_reference(special),
        layers=[Layer("words", _WORDS, "embedding")],
        poolings=["mean"],
        architecture={
            "class": "BagOfWords",
            "configuration": {"buckets": _WORDS, "hash": f"id * {_KNUTH} mod 2^32, top 11 bits"},
        },
        weights={"kind": "trivial"},
        tokens=tokenizer.describe(
            tokens,
            padding_id=0,
            vocabulary=tokens.get_vocab_size(),
            max_tokens=tokenizer.longest(job.options.max_tokens),
        ),
        tokenizer=tokens,
        scripted=True,
    )
