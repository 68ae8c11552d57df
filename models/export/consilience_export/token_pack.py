"""Token packs: the captions of a data set as one safetensors file. See docs/model-package.md."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
from safetensors.numpy import save
from tokenizers import Encoding, Tokenizer

from consilience_export import tokenizer as tokenizers
from consilience_export import whole_file
from consilience_export.errors import ExportError

_BYTE_TOKEN = re.compile(r"<0x[0-9A-Fa-f]{2}>")


def _is_text(caption: str) -> bool:
    """JSON can hold halves of surrogate pairs, which are no text."""
    try:
        caption.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_captions(path: Path) -> list[str]:
    try:
        captions = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ExportError(f"{path}: cannot be read as JSON: {error}") from None
    if not isinstance(captions, list):
        raise ExportError(
            f"{path}: expected a JSON list of strings, found {type(captions).__name__}"
        )
    for index, caption in enumerate(captions):
        if not isinstance(caption, str):
            kind = type(caption).__name__
            raise ExportError(f"{path}: entry {index}: expected a string, found {kind}")
        if not _is_text(caption):
            raise ExportError(f"{path}: entry {index}: {caption!r} is not Unicode text")
    return captions


def read_tokenizer(path: Path, max_tokens: int) -> Tokenizer:
    """The tokenizer, truncating to max_tokens with the special tokens kept, not padding."""
    tokenizer = tokenizers.from_file(path)
    special = tokenizer.num_special_tokens_to_add(is_pair=False)
    if max_tokens <= special:
        raise ExportError(f"--max-tokens {max_tokens}: needs more than {special} special tokens")
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _token_bytes(token: str) -> int:
    """Of a token that holds a part of a character: byte-level ones have a letter a byte."""
    return 1 if _BYTE_TOKEN.fullmatch(token) else len(token)


def kept_bytes(caption: str, encoding: Encoding) -> int:
    """UTF-8 bytes of the part of a caption that the kept tokens stand for.

    Offsets are of characters: where the cut falls inside one, the bytes of it that the dropped
    tokens hold are taken off.
    """
    if not encoding.overflowing:
        return len(caption.encode())
    end = max(stop for _, stop in encoding.offsets)
    kept = len(caption[:end].encode())
    for part in encoding.overflowing:  # as long as the cut allows, each
        fields = zip(part.tokens, part.offsets, part.special_tokens_mask, strict=True)
        for token, (start, stop), special in fields:
            if special:
                continue
            if start >= end:
                return kept
            kept -= max(0, _token_bytes(token) - len(caption[end:stop].encode()))
    return kept


def pack(tokenizer: Tokenizer, captions: list[str]) -> dict[str, np.ndarray]:
    """ids int32 [total], offsets int64 [n + 1], bytes int64 [n], truncated uint8 [n]."""
    encoded = tokenizer.encode_batch(captions)
    for index, encoding in enumerate(encoded):
        if not encoding.ids:
            raise ExportError(
                f"row {index}: the caption {captions[index]!r} has no tokens: give it text"
            )
    lengths = np.array([len(encoding.ids) for encoding in encoded], dtype=np.int64)
    kept = [kept_bytes(text, encoding) for text, encoding in zip(captions, encoded, strict=True)]
    return {
        "ids": np.array([token for one in encoded for token in one.ids], dtype=np.int32),
        "offsets": np.concatenate([[0], lengths.cumsum()]).astype(np.int64),
        "bytes": np.array(kept, dtype=np.int64),
        "truncated": np.array([bool(one.overflowing) for one in encoded], dtype=np.uint8),
    }


def write(tokenizer_path: Path, captions_path: Path, max_tokens: int, out: Path) -> int:
    """Writes the pack whole or not at all; returns the number of captions."""
    captions = read_captions(captions_path)
    tokenizer = read_tokenizer(tokenizer_path, max_tokens)
    digest = hashlib.sha256(tokenizer_path.read_bytes()).hexdigest()
    recipe = {"tokenizer_sha256": digest, "max_tokens": str(max_tokens)}
    whole_file.write(out, save(pack(tokenizer, captions), metadata=recipe))
    return len(captions)
