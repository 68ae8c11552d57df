"""The tokenizer of a transformers folder: the published file, or one made from a vocabulary."""

from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing

from consilience_export import tokenizer
from consilience_export.errors import ExportError
from consilience_export.sources import weights
from consilience_export.sources.hub import read_json

_FILES = ("tokenizer_config.json", "special_tokens_map.json")
_VOCABULARIES = ("vocab.txt", "vocab.json", "*.model", "tekken.json")


def _token(name: str, folder: Path) -> str | None:
    """A special token by its role: pad_token, bos_token .."""
    for file in _FILES:
        path = folder / file
        found = read_json(path).get(name) if path.is_file() else None
        if found:
            text = found.get("content") if isinstance(found, dict) else found
            if not isinstance(text, str):
                raise ExportError(f"{path}: {name}: expected a token, found {found!r}")
            return text
    return None


def _flag(name: str, folder: Path) -> bool | None:
    path = folder / _FILES[0]
    return read_json(path).get(name) if path.is_file() else None


def _converted(folder: Path) -> Tokenizer:
    """transformers makes one from vocab.txt, merges.txt or a SentencePiece model."""
    from transformers import AutoTokenizer

    if not any(next(folder.glob(pattern), None) for pattern in _VOCABULARIES):
        raise ExportError(
            f"{folder}: no tokenizer.json there, and no vocabulary to make one from "
            f"({', '.join(_VOCABULARIES)})"
        )
    made = weights.saved(AutoTokenizer, folder).backend_tokenizer
    if not isinstance(made, Tokenizer):
        raise ExportError(f"{folder}: its tokenizer exists in Python only")
    return tokenizer.clean(made)


def _with_flags(tokens: Tokenizer, folder: Path) -> Tokenizer:
    """What tokenizer_config.json says of BOS and EOS goes before the file, as in transformers."""
    before, after = tokenizer.special_tokens(tokens)
    bos, eos = _token("bos_token", folder), _token("eos_token", folder)
    add_bos, add_eos = _flag("add_bos_token", folder), _flag("add_eos_token", folder)
    wants_bos = bool(before) if add_bos is None or bos is None else add_bos
    wants_eos = bool(after) if add_eos is None or eos is None else add_eos
    if wants_bos == bool(before) and wants_eos == bool(after):
        return tokens
    names = ([bos] if wants_bos else []), ([eos] if wants_eos else [])
    pairs = [(name, tokens.token_to_id(name)) for name in {*names[0], *names[1]}]
    if any(index is None for _, index in pairs):
        raise ExportError(f"{folder}: the tokenizer does not know its own {names}")
    tokens.post_processor = TemplateProcessing(
        single=" ".join([*names[0], "$A", *names[1]]), special_tokens=pairs
    )
    return tokens


def load(folder: Path) -> Tokenizer:
    """The clean tokenizer of a folder. Raises ExportError where there is none."""
    file = folder / "tokenizer.json"
    tokens = tokenizer.from_file(file) if file.is_file() else _converted(folder)
    return _with_flags(tokens, folder)


def padding_token(tokens: Tokenizer, folder: Path) -> int | None:
    """The id of the token that the folder's files name for padding."""
    name = _token("pad_token", folder)
    return tokens.token_to_id(name) if name else None


def padding_id(named: int | None, config: Any, vocabulary: int) -> tuple[int, str]:
    """The padding id, and what it is: the model's own, or another that the mask hides."""
    for candidate in (named, getattr(config, "pad_token_id", None)):
        if isinstance(candidate, int) and 0 <= candidate < vocabulary:
            return candidate, "the model's"
    ends = getattr(config, "eos_token_id", None)
    end = ends[0] if isinstance(ends, list) and ends else ends
    if isinstance(end, int) and 0 <= end < vocabulary:
        return end, "the model has none: its end of text, which the mask hides"
    return 0, "the model has none: id 0, which the mask hides"
