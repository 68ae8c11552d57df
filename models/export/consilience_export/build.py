"""The part of an import that needs torch."""

import shutil
import sys
from pathlib import Path

import torch

from consilience_export import (
    card,
    choices,
    finite,
    flops,
    foreign,
    identity,
    package,
    segments,
    sources,
    twins,
    verify,
)
from consilience_export.distributions import sha256_file
from consilience_export.encoder import Encoder
from consilience_export.errors import ExportError
from consilience_export.importing import Wanted
from consilience_export.job import Job
from consilience_export.listing import size_text, some
from consilience_export.selection import kept_layers
from consilience_export.tokenizer import serialised
from consilience_export.torchscript import trace
from consilience_export.torchscript.artefact import Artefact

_OF_ONE_MODALITY = {"image_size": "vision", "pixels": "vision", "max_tokens": "text"}


def load(job: Job) -> Encoder:
    """Loads a model; sets one thread: on a busy machine more of them mostly wait."""
    torch.set_num_threads(1)
    with foreign.told("loading the model", "cannot be loaded"):
        encoder = sources.load(job)
    choices.check(job.options, encoder)
    _say_unused(job, encoder)
    finite.check(encoder.original)
    return keep(encoder, kept_layers(job.options.layers, encoder.layers))


def _say_unused(job: Job, encoder: Encoder) -> None:
    """Of several models, some may not have what an option chooses."""
    asked = job.options.max_tokens
    if encoder.modality == "text" and asked and asked > encoder.tokens["max_tokens"]:
        most = encoder.tokens["max_tokens"]
        print(f"{job.name}: --max-tokens {asked}: it takes {most} at most", file=sys.stderr)
    for name, other in _OF_ONE_MODALITY.items():
        if encoder.modality != other and (flags := job.options.asked(name)):
            print(f"{job.name}: {flags[0]} is for {other}: not used", file=sys.stderr)


def keep(encoder: Encoder, kept: list[int]) -> Encoder:
    """Leaves the other layers out of the artefact, its card and its reference."""
    if len(kept) == len(encoder.layers):
        return encoder
    whole = encoder.reference

    def reference(sample):
        layers, scalars = whole(sample)
        return [layers[index] for index in kept], scalars

    encoder.module.keep(kept)
    encoder.layers = [encoder.layers[index] for index in kept]
    encoder.reference = reference
    return encoder


def _artefact(job: Job, encoder: Encoder, folder: Path) -> list[Path]:
    if encoder.artefact is None:
        return segments.save(encoder, folder, job.options.segments)
    return [Path(shutil.copy(encoder.artefact, folder / "model.ts"))]


def _proven(encoder: Encoder, module: Artefact) -> dict[str, float]:
    """verify.measure; of a refused trace, also where Python took decisions that it cannot hold."""
    try:
        return verify.measure(encoder, module)
    except ExportError as error:
        traced = encoder.artefact is None and not encoder.scripted
        if traced and (places := trace.decided(encoder)):
            why = f"Python decides on values or sizes at {some(places)}, which no trace keeps"
            raise type(error)(f"{error}; {why}") from error
        raise


def write(job: Job, encoder: Encoder, want: Wanted, out: Path) -> tuple[Path, str]:
    """Writes one verified package; a twin overwrites the encoder's weights first."""
    if want.seed is not None:
        twins.randomise(encoder.original, want.seed)
        encoder.weights = twins.weights(want.seed)
    with (
        package.scratch_folder(out, want.name) as folder,
        foreign.told("tracing and checking the model", "cannot be checked"),
    ):
        files = _artefact(job, encoder, folder)
        module = segments.load(files)
        errors = _proven(encoder, module)
        listed = [
            {"file": file.name, "sha256": sha256_file(file), "bytes": file.stat().st_size}
            for file in files
        ]
        content = {
            "format": identity.FORMAT,
            "identity": card.build_identity(want.name, encoder),
            "segments": listed,
            "runtime": encoder.runtime,
            "about": card.build_about(job, encoder, want.recipe, errors)
            | flops.per_sample(module, encoder),
        }
        tokenizer = serialised(encoder.tokenizer) if encoder.tokenizer else None
        target = package.commit(folder, content, tokenizer)
    size = sum(segment["bytes"] for segment in listed)
    against = "largest error" if encoder.artefact is None else "no original, differs from itself by"
    return target, f"{size_text(size)}, {against} {max(errors.values()):.1e}"
