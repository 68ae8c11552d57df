'''python:MODULE:FUNCTION: any network, with the names of the modules whose outputs are its layers.

    # my_models.py
    import torch
    from torch import nn

    def tiny():
        """Three numbers a pixel to eight, twice."""
        torch.manual_seed(0)
        model = nn.Sequential(nn.Conv2d(3, 8, 4, 4), nn.ReLU(), nn.Conv2d(8, 8, 3, 1, 1))
        return {
            "model": model,
            "hooks": [("embedding", "0"), ("block_0", "2")],
            "pixels": {"crop": 32, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
        }

    # python -m consilience_export import python:my_models:tiny --out store/models

MODULE is importable from the working directory, or the path of a .py file. FUNCTION returns a dict
(or a dataclass) with

    model           the network, nn.Module: called with pixels [B, 3, H, W], with ids and mask
                    [B, T], or with a waveform [B, N]
    hooks           modules whose outputs are the layers: "blocks.0", ("block_0", "blocks.0"),
                    ("block_0", module), or {"name", "module", "kind", "normed"}
    pixels          {"crop", "mean", "std"} and perhaps resize, resize_to, crop_offset,
                    interpolation, alpha as a card has them: a vision model
    tokens          {"tokenizer": a file, "padding_id", "vocabulary", "max_tokens"}: a text model
    audio           as a card has it: a model of sound
    poolings        perhaps: some of first, mean, patches (vision), of docs/import.md (text)
    prefix_tokens   perhaps: class and register tokens in front of the patches (0)
    channels_last   perhaps: whether pictures are [B, H, W, D] inside (no)
    description     perhaps: what the network is, for its card
'''

import contextlib
import dataclasses
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from consilience_export import card_draft, hooked, preprocessing, tokenizer
from consilience_export.architectures import vision
from consilience_export.dtypes import DTYPES
from consilience_export.encoder import Encoder, Layer
from consilience_export.errors import ExportError, UsageError
from consilience_export.job import Job
from consilience_export.memory import told_as_out_of_memory
from consilience_export.pooling import Tapped
from consilience_export.portable import Portable
from consilience_export.token_pooling import chosen, pool_tokens

_KNOWN = {
    "model",
    "hooks",
    "pixels",
    "tokens",
    "audio",
    "poolings",
    "prefix_tokens",
    "channels_last",
    "description",
}


@contextlib.contextmanager
def _told(where: str) -> Iterator[None]:
    """What a user's module raises while it is imported, in one line."""
    try:
        with told_as_out_of_memory(f"importing {where}"):
            yield
    except ExportError:
        raise
    except ModuleNotFoundError as error:
        raise ExportError(
            f"module {where!r}: {error}; expected one that Python finds from here, or a .py file"
        ) from None
    except Exception as error:  # whatever it is, it is the user's code that raised it
        raise ExportError(f"module {where!r} raised {type(error).__name__}: {error}") from error


def _module(where: str) -> ModuleType:
    if where.endswith(".py"):
        path = Path(where).expanduser()
        if not path.is_file():
            raise ExportError(f"{path}: no such file")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        with _told(where):
            spec.loader.exec_module(module)
        return module
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    with _told(where):
        return importlib.import_module(where)


def given(where: str) -> dict[str, Any]:
    """What the function of MODULE:FUNCTION returns, its keys checked."""
    module_name, _, function_name = where.rpartition(":")
    if not module_name:
        raise UsageError(f"python:{where}: expected python:MODULE:FUNCTION")
    module = _module(module_name)
    function = getattr(module, function_name, None)
    if not isinstance(function, Callable):
        raise ExportError(f"module {module_name!r} has no function {function_name!r}")
    try:
        with told_as_out_of_memory(f"calling {where}()"):
            made = function()
    except ExportError:
        raise
    except Exception as error:  # whatever it is, it is the user's code that raised it
        raise ExportError(f"{where}() raised {type(error).__name__}: {error}") from error
    if dataclasses.is_dataclass(made) and not isinstance(made, type):
        fields = dataclasses.fields(made)
        made = {field.name: getattr(made, field.name) for field in fields}
        made = {name: value for name, value in made.items() if value is not None}
    if not isinstance(made, dict):
        raise ExportError(f"{where}() returned {type(made).__name__}: expected a dict")
    if unknown := sorted(set(made) - _KNOWN):
        raise ExportError(
            f"{where}() returned {', '.join(unknown)}; expected {', '.join(sorted(_KNOWN))}"
        )
    if not isinstance(made.get("model"), nn.Module):
        raise ExportError(f"{where}(): model: expected an nn.Module")
    if sum(key in made for key in ("pixels", "tokens", "audio")) != 1:
        raise ExportError(f"{where}(): expected one of pixels, tokens and audio")
    return made


class Hooked(Tapped):
    """forward(ids, mask) or forward(waveform): the hooked modules' outputs, pooled."""

    def __init__(self, model: nn.Module, hooks: list[nn.Module], poolings: list[str]):
        super().__init__(model, hooks)
        self.poolings = poolings

    def forward(self, inputs: Tensor, mask: Tensor | None = None) -> list[Tensor]:
        with Portable(inputs):
            if mask is None:
                return self.run(lambda hidden: hidden.float().mean(1, keepdim=True), inputs)[0]
            return self.run(lambda h: pool_tokens(h, mask, self.poolings), inputs, mask)[0]


def _pixels(job: Job, made: dict[str, Any]) -> dict[str, Any]:
    asked = dict(made["pixels"])
    try:
        crop, mean, std = asked.pop("crop"), asked.pop("mean"), asked.pop("std")
        usual = {"resize": "short_side", "resize_to": crop, "crop_offset": "round"}
        found = preprocessing.pixels(
            job.options,
            crop=crop,
            mean=mean,
            std=std,
            **(usual | {"interpolation": "bicubic"} | asked),
        )
    except (KeyError, TypeError) as error:
        raise ExportError(f"pixels: expected crop, mean, std; {error}") from None
    return card_draft.section(job.spec.where, "pixels", found)


def _vision(job: Job, made: dict[str, Any], architecture: dict[str, Any]) -> Encoder:
    model, pixels = made["model"], _pixels(job, made)
    dtype = DTYPES[job.options.dtype]
    example = torch.linspace(-1, 1, 3 * pixels["crop"] ** 2, dtype=dtype)
    inputs = (example.reshape(1, 3, pixels["crop"], pixels["crop"]),)
    hooks = hooked.find(model, made["hooks"], inputs)
    prefix = made.get("prefix_tokens", 0)
    sight = vision.Sight(
        model,
        [vision.Tap(hook.name, hook.module, hook.kind, hook.normed) for hook in hooks],
        lambda picture: hooked.states(model, hooks, (picture,)),
        prefix=prefix,
        class_token=prefix > 0,
        channels_last=made.get("channels_last", False),
    )
    poolings = job.options.poolings or made.get("poolings")
    return vision.encoder(sight, pixels, model, architecture, {}, poolings=poolings)


def _text(job: Job, made: dict[str, Any], architecture: dict[str, Any]) -> Encoder:
    model, about = made["model"], dict(made["tokens"])
    if missing := sorted({"tokenizer", "padding_id", "vocabulary"} - set(about)):
        raise ExportError(f"tokens: {', '.join(missing)} is missing")
    tokens = tokenizer.from_file(Path(about["tokenizer"]).expanduser())
    longest = tokenizer.longest(job.options.max_tokens, about.get("max_tokens"))
    ids = torch.arange(5)[None] % about["vocabulary"]
    hooks = hooked.find(model, made["hooks"], (ids, torch.ones_like(ids)))
    poolings = chosen(job.options.poolings or made.get("poolings"))
    widths = hooked.states(model, hooks, (ids, torch.ones_like(ids)))
    return Encoder(
        modality="text",
        module=Hooked(model, [hook.module for hook in hooks], poolings),
        original=model,
        reference=lambda text: (
            [h[0] for h in hooked.states(model, hooks, (text[None], torch.ones_like(text)[None]))],
            None,
        ),
        layers=_layers(hooks, widths),
        poolings=poolings,
        architecture=architecture,
        tokens=tokenizer.describe(tokens, about["padding_id"], about["vocabulary"], longest),
        tokenizer=tokens,
        dtype=job.options.dtype,
    )


def _audio(job: Job, made: dict[str, Any], architecture: dict[str, Any]) -> Encoder:
    model, recipe = made["model"], dict(made["audio"])
    usual = {"min_samples": 1, "normalise": "none", "implementation": "soxr-vhq"}
    if missing := sorted({"sample_rate", "max_samples"} - set(recipe)):
        raise ExportError(f"audio: {', '.join(missing)} is missing")
    recipe = card_draft.section(job.spec.where, "audio", usual | recipe)
    inputs = (torch.linspace(-1, 1, recipe["min_samples"] + 16)[None],)
    hooks = hooked.find(model, made["hooks"], inputs)
    return Encoder(
        modality="audio",
        module=Hooked(model, [hook.module for hook in hooks], ["mean"]),
        original=model,
        reference=lambda sound: (
            [h[0] for h in hooked.states(model, hooks, (sound[None],))],
            None,
        ),
        layers=_layers(hooks, hooked.states(model, hooks, inputs)),
        poolings=["mean"],
        architecture=architecture,
        audio=recipe,
        dtype=job.options.dtype,
    )


def _layers(hooks: list[hooked.Hook], made: list[Tensor]) -> list[Layer]:
    """Of a text or a sound: every layer is [B, N, D]."""
    for hook, state in zip(hooks, made, strict=True):
        if state.dim() != 3:
            raise ExportError(
                f"hook point {hook.name!r} makes {list(state.shape)}: expected [B, N, D]"
            )
    return [
        Layer(hook.name, state.size(2), hook.kind, hook.normed)
        for hook, state in zip(hooks, made, strict=True)
    ]


def load(job: Job) -> Encoder:
    """Runs the user's own function; the package that comes of it holds no Python."""
    if job.options.image_size is not None:
        raise UsageError("--image-size: the function says it, as pixels: crop")
    made = given(job.spec.where)
    made["model"] = made["model"].eval().to(DTYPES[job.options.dtype])
    architecture = {
        "class": type(made["model"]).__name__,
        "configuration": made.get("description", {}),
    }
    builders = {"pixels": _vision, "tokens": _text, "audio": _audio}
    kind = next(key for key in builders if key in made)
    return builders[kind](job, made, architecture)
