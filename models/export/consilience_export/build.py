"""The part of an import that needs torch."""

from pathlib import Path

import torch

from consilience_export import card, flops, identity, package, segments, sources, twins, verify
from consilience_export.distributions import sha256_file
from consilience_export.encoder import Encoder
from consilience_export.importing import Wanted
from consilience_export.job import Job
from consilience_export.memory import told_as_out_of_memory
from consilience_export.selection import kept_layers
from consilience_export.tokenizer import serialised


def load(job: Job) -> Encoder:
    """Loads a model; sets one thread: on a busy machine more of them mostly wait."""
    torch.set_num_threads(1)
    with told_as_out_of_memory("loading the model"):
        encoder = sources.load(job)
    return keep(encoder, kept_layers(job.options.layers, encoder.layers))


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


def write(job: Job, encoder: Encoder, want: Wanted, out: Path) -> tuple[Path, str]:
    """Writes one verified package; a twin overwrites the encoder's weights first."""
    if want.seed is not None:
        twins.randomise(encoder.original, want.seed)
        encoder.weights = twins.weights(want.seed)
    with (
        package.scratch_folder(out, want.name) as folder,
        told_as_out_of_memory("tracing and checking the model"),
    ):
        files = segments.save(encoder, folder, job.options.segments)
        module = segments.load(files)
        errors = verify.measure(encoder, module)
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
    return target, f"{size / 1e6:.0f} MB, largest error {max(errors.values()):.1e}"
