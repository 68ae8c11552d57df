"""What to import, as one word: KIND:WHERE[@REVISION][#PART]."""

import re
from dataclasses import dataclass

from consilience_export.errors import UsageError

KINDS = {
    "timm": "timm:NAME[@PRETRAINED_TAG]",
    "hf": "hf:NAME_OR_FOLDER[@REVISION][#vision|#text]",
    "st": "st:NAME_OR_FOLDER[@REVISION]: a sentence-transformers model, with its own pooling",
    "gguf": "gguf:FILE",
    "checkpoint": "checkpoint:FILE, with --arch timm:NAME or hf:FOLDER",
    "torchscript": "torchscript:FILE, with --card CARD.json",
    "python": "python:MODULE:FUNCTION",
    "api": "api:URL#MODEL: an OpenAI-compatible or TEI endpoint for embeddings",
}


_SUFFIXES = {
    ".gguf": "gguf",
    ".ts": "torchscript",
    ".safetensors": "checkpoint",
    ".pt": "checkpoint",
    ".pth": "checkpoint",
    ".ckpt": "checkpoint",
}


def kind_of_file(name: str) -> str | None:
    """The kind of spec that takes a file of such a name."""
    return next((kind for end, kind in _SUFFIXES.items() if name.endswith(end)), None)


@dataclass(frozen=True)
class Spec:
    """A parsed spec. `where` is a hub name, a path, a URL or module:function."""

    kind: str
    where: str
    revision: str | None = None
    part: str | None = None

    def __str__(self) -> str:
        revision = f"@{self.revision}" if self.revision else ""
        part = f"#{self.part}" if self.part else ""
        return f"{self.kind}:{self.where}{revision}{part}"

    @property
    def name(self) -> str:
        """What the package is called unless somebody says otherwise: [a-z0-9._-]+."""
        where = self.where
        if self.kind in ("gguf", "checkpoint", "torchscript"):
            where = re.sub(r"\.(gguf|safetensors|pth?|bin|ts)$", "", where)
        if self.kind == "api":
            where, revision, part = self.part or where, None, None
        else:
            revision, part = self.revision, self.part
        last = where.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]
        parts = [text for text in (last, revision, part) if text]
        return re.sub(r"[^a-z0-9._-]+", "-", ".".join(parts).lower()).strip(".-") or self.kind


def parse(text: str) -> Spec:
    """Raises UsageError for an unknown kind or nothing behind it."""
    kind, _, where = text.partition(":")
    if kind not in KINDS or not where:
        kinds = "".join(f"\n  {form}" for form in KINDS.values())
        raise UsageError(f"{text!r} is neither a model of the zoo nor one of:{kinds}")
    where, _, part = where.partition("#")
    revision = None
    if kind in ("timm", "hf", "st"):
        where, _, revision = where.partition("@")
    if not where:
        raise UsageError(f"{text!r}: nothing is named; expected {KINDS[kind]}")
    return Spec(kind, where, revision or None, part or None)
