"""The export matrix: a tiny package of every family, inputs, and what the original makes of them.

    python tests/python/export/matrix.py FOLDER [NAME ..]

FOLDER/<name>/ gets the package, inputs.safetensors (batches "0.ids" and "0.mask" [B, T] int64,
"0.pixels" [B, 3, H, W] or "0.waveform" [B, N] float32) and expected.safetensors ("0.<layer>"
[P, B, D] and "0.scalars" [B, S] float32, each sample alone through the original). The program
run_packages runs the packages on the same inputs.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import test_audio
import test_gguf
import test_sources_text
import tiny_text
import tiny_vision
import torch
from consilience_export import build, verify
from consilience_export.encoder import Encoder
from consilience_export.importing import wanted
from consilience_export.job import Job
from consilience_export.options import ImportOptions
from consilience_export.samples import Batch, batches_for
from consilience_export.spec import parse
from safetensors.torch import save_file
from torch import Tensor

ARGUMENTS = {"text": ("ids", "mask"), "vision": ("pixels",), "audio": ("waveform",)}


@dataclass(frozen=True)
class Entry:
    """One row: `save(folder)` makes the user's files there and returns the spec to import, which
    needs these `options`."""

    name: str
    modality: str
    family: str
    save: Callable[[Path], str]
    options: dict[str, object] = field(default_factory=dict)


def _text() -> Iterator[Entry]:
    for kind, family in tiny_text.FAMILIES.items():
        title = family.model.removesuffix("Model")

        def save(folder: Path, kind: str = kind) -> str:
            return f"hf:{tiny_text.save(kind, folder)}"

        yield Entry(kind, "text", title, save)


def _sentence() -> Iterator[Entry]:
    def save(folder: Path) -> str:
        bert = tiny_text.save("bert", folder)
        return f"st:{test_sources_text.sentence_folder(bert, {'pooling_mode': 'max'})}"

    yield Entry("sentence-bert", "text", "sentence-transformers", save)


def _gguf() -> Iterator[Entry]:
    def save(folder: Path) -> str:
        folder.mkdir()
        file = folder / "tiny.gguf"
        test_gguf.write("llama", file, quantised=test_gguf.gguf.GGMLQuantizationType.Q8_0)
        return f"gguf:{file}"

    yield Entry("gguf-llama", "text", "GGUF", save)


def _vision() -> Iterator[Entry]:
    for name, architecture in tiny_vision.TIMM.items():
        title = architecture.removeprefix("timm:").partition("?")[0]
        options: dict[str, object] = {"architecture": architecture}
        if name in tiny_vision.TIMM_SIZES:
            options["image_size"] = tiny_vision.TIMM_SIZES[name]
        save = partial(_spec, partial(tiny_vision.save_timm, name))
        yield Entry(name, "vision", f"timm {title}", save, options)
    for kind in tiny_vision.HF:
        title = tiny_vision.FAMILIES[kind].model.removesuffix("Model")
        yield Entry(
            f"hf-{kind}", "vision", title, partial(_spec, partial(tiny_vision.save_hf, kind))
        )
    for kind, (model, _) in tiny_vision.PAIRS.items():
        title = model.__name__.removesuffix("Model")
        for part, modality in (("vision", "vision"), ("text", "text")):
            save = partial(_spec, partial(tiny_vision.save_pair, kind, part=part))
            yield Entry(f"{kind}-{part}", modality, f"{title}, the {part} tower", save)


def _spec(save: Callable[[Path], tiny_vision.Files], folder: Path) -> str:
    return save(folder).spec


def _audio() -> Iterator[Entry]:
    for kind, (network, _, _) in test_audio.NETWORKS.items():

        def save(folder: Path, kind: str = kind) -> str:
            test_audio.network(kind).save_pretrained(folder)
            hearing = {"sampling_rate": 1000, "do_normalize": True}
            (folder / "preprocessor_config.json").write_text(json.dumps(hearing))
            return f"hf:{folder}"

        yield Entry(kind, "audio", network.__name__.removesuffix("Model"), save)


def entries() -> list[Entry]:
    return [*_text(), *_sentence(), *_gguf(), *_audio(), *_vision()]


def _inputs(number: int, batch: Batch, modality: str) -> dict[str, Tensor]:
    names = ARGUMENTS[modality]
    return {
        f"{number}.{name}": value.contiguous()
        for name, value in zip(names, batch.arguments, strict=True)
    }


@contextmanager
def _originals() -> Iterator[dict[str, list[Tensor]]]:
    """What verification makes the original give, by the content of the batch."""
    made: dict[str, list[Tensor]] = {}
    honest = verify.expected

    def expected(encoder: Encoder, batch: Batch) -> list[Tensor]:
        made[batch.content] = honest(encoder, batch)
        return made[batch.content]

    verify.expected = expected
    try:
        yield made
    finally:
        verify.expected = honest


def _expected(number: int, rows: list[Tensor], encoder: Encoder) -> dict[str, Tensor]:
    named = zip(verify.names(encoder), rows, strict=True)
    return {
        f"{number}.{name}": (row if name == "scalars" else row.transpose(0, 1)).contiguous().clone()
        for name, row in named
    }


def make(entry: Entry, root: Path, **options: object) -> Path:
    """Writes FOLDER/<name> and returns the package in it."""
    folder = root / entry.name
    folder.mkdir(parents=True)
    job = Job(
        entry.name, parse(entry.save(folder / "source")), ImportOptions(**(entry.options | options))
    )
    encoder = build.load(job)
    with _originals() as originals:
        package, _ = build.write(job, encoder, wanted(job, 0)[0], folder)
    batches = list(enumerate(batches_for(encoder)))
    inputs = [_inputs(number, batch, entry.modality) for number, batch in batches]
    expected = [_expected(number, originals[batch.content], encoder) for number, batch in batches]
    save_file({k: v for part in inputs for k, v in part.items()}, folder / "inputs.safetensors")
    save_file({k: v for part in expected for k, v in part.items()}, folder / "expected.safetensors")
    return package


def main(arguments: list[str]) -> None:
    root, names = Path(arguments[0]), arguments[1:]
    torch.set_num_threads(1)
    for entry in entries():
        if not names or entry.name in names:
            print(make(entry, root), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
