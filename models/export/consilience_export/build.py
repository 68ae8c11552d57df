"""The part of an export that needs torch."""

from pathlib import Path

import torch

from consilience_export import card, families, identity, package, trace, twins, verify
from consilience_export.encoder import Encoder
from consilience_export.sources import sha256_file
from consilience_export.tokenizer import serialised
from consilience_export.zoo import ZooModel


def load(model: ZooModel) -> Encoder:
    """Loads a zoo model; sets one thread: on a busy machine more of them mostly wait."""
    torch.set_num_threads(1)
    return families.loader(model.loader)(model)


def write(model: ZooModel, encoder: Encoder, want, out: Path) -> tuple[Path, str]:
    """Writes one verified package; a twin overwrites the encoder's weights first."""
    if want.seed is not None:
        twins.randomise(encoder.original, want.seed)
        encoder.weights = twins.weights(want.seed)
    with package.scratch_folder(out, want.name) as folder:
        archive = folder / "model.ts"
        trace.save(encoder, archive)
        errors = verify.measure(encoder, trace.load(archive))
        size = archive.stat().st_size
        content = {
            "format": identity.FORMAT,
            "identity": card.build_identity(want.name, encoder),
            "archive": {"file": archive.name, "sha256": sha256_file(archive), "bytes": size},
            "runtime": encoder.runtime,
            "about": card.build_about(model, encoder, want.recipe, errors),
        }
        tokenizer = serialised(encoder.tokenizer) if encoder.tokenizer else None
        target = package.commit(folder, content, tokenizer)
    return target, f"{size / 1e6:.0f} MB, largest error {max(errors.values()):.1e}"
