"""Tokenizers without baked-in truncation and padding, and their part of the card."""

import hashlib
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from consilience_export.errors import ExportError

MAX_TOKENS = 128


def clean(tokenizer: Tokenizer) -> Tokenizer:
    """The same tokenizer, neither padding nor truncating."""
    tokenizer = Tokenizer.from_str(tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def from_file(path: Path) -> Tokenizer:
    """Raises ExportError when the file holds none."""
    try:
        return clean(Tokenizer.from_file(str(path)))
    except Exception as error:  # the tokenizers library raises plain Exception
        raise ExportError(f"{path}: not a tokenizer.json: {error}") from None


def serialised(tokenizer: Tokenizer) -> bytes:
    """The bytes of tokenizer.json."""
    return tokenizer.to_str(pretty=True).encode()


def longest(asked: int | None, *limits: int | None) -> int:
    """The tokens of a text that are kept: what is asked, no more than the model can take."""
    return min([asked or MAX_TOKENS, *(limit for limit in limits if limit)])


def special_tokens(tokenizer: Tokenizer) -> tuple[list[str], list[str]]:
    """What stands before and after a text, found by encoding one."""
    encoding = tokenizer.encode("x")
    marks = encoding.special_tokens_mask
    inside = [index for index, special in enumerate(marks) if not special]
    if not inside:  # x itself is unknown: only its neighbours can be told apart
        return list(encoding.tokens), []
    return encoding.tokens[: inside[0]], encoding.tokens[inside[-1] + 1 :]


def describe(
    tokenizer: Tokenizer, padding_id: int, vocabulary: int, max_tokens: int = MAX_TOKENS
) -> dict[str, Any]:
    """The `tokens` section of the identity. `vocabulary`: rows of the model's embedding.

    Raises ExportError when the tokenizer knows ids that the model lacks.
    """
    top = max(tokenizer.get_vocab(with_added_tokens=True).values(), default=-1)
    if top >= vocabulary:
        raise ExportError(
            f"the tokenizer gives ids up to {top}, the model has {vocabulary} rows for them: they "
            "do not belong together"
        )
    before, after = special_tokens(tokenizer)
    if max_tokens <= len(before) + len(after):
        raise ExportError(
            f"--max-tokens {max_tokens}: its special tokens alone are {len(before) + len(after)}"
        )
    return {
        "tokenizer_sha256": hashlib.sha256(serialised(tokenizer)).hexdigest(),
        "vocabulary": vocabulary,
        "max_tokens": max_tokens,
        "padding_id": padding_id,
        "padding_side": "right",
        "special_tokens": " ".join([*before, "x", *after]),
        "bos": bool(before),
        "eos": bool(after),
    }
