"""timm networks: made by name, filled from a state dict, described."""

import ast
import sys
from typing import Any

import timm
import torch
from timm.data import resolve_model_data_config
from torch import Tensor, nn

from consilience_export import preprocessing
from consilience_export.architectures import timm_network, vision
from consilience_export.dtypes import DTYPES
from consilience_export.encoder import Encoder
from consilience_export.errors import ExportError, UsageError, first_line
from consilience_export.listing import some
from consilience_export.memory import told_as_out_of_memory
from consilience_export.options import ImportOptions

_OF_OTHER_WEIGHTS = (
    "pretrained",
    "pretrained_cfg",
    "pretrained_cfg_overlay",
    "checkpoint_path",
    "cache_dir",
)
_FLOATS = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
_CLASSIFIERS = ("head.", "fc.", "classifier.", "head_dist.", "last_linear.")


def split(where: str) -> tuple[str, dict[str, Any]]:
    """`NAME?key=value&key=value` as (NAME, arguments of the network)."""
    name, _, query = where.partition("?")
    if ":" in name:  # timm would fetch the network's description from elsewhere
        raise UsageError(f"timm:{where}: expected the name of a network of timm")
    arguments = {}
    for part in filter(None, query.split("&")):
        key, equals, value = part.partition("=")
        try:
            arguments[key] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            arguments[key] = value
        if not key or not equals:
            raise UsageError(f"timm:{where}: expected NAME?key=value&key=value, found {part!r}")
        if key in _OF_OTHER_WEIGHTS:
            raise UsageError(f"timm:{where}: {key}: weights come from the checkpoint alone")
    return name, arguments


def _made(name: str, arguments: dict[str, Any]) -> nn.Module:
    """Without a classifier. What timm says of a bad name or argument becomes one sentence."""
    try:
        with told_as_out_of_memory("making the network"):
            return timm.create_model(name, pretrained=False, num_classes=0, **arguments)
    except (RuntimeError, TypeError, ValueError, AssertionError, KeyError) as error:
        reason = first_line(error)
        close = timm.list_models(f"{name.split('.')[0][:12]}*")[:5]
        hint = f" (there are {', '.join(close)} ..)" if "Unknown model" in reason and close else ""
        raise ExportError(f"timm cannot make {name}: {reason}{hint}") from None


def create(name: str, arguments: dict[str, Any], image_size: int | None) -> nn.Module:
    """The network for pictures of one size, with random weights: `fill` comes next.

    Networks of a fixed size are made for `image_size`; those that can take any are told to take
    the one, so that nothing about the size stays to be computed.
    """
    wanted = dict(arguments)
    config = timm.get_pretrained_cfg(name) if timm.is_model(name) else None
    if image_size is not None and config is not None and config.fixed_input_size:
        wanted["img_size"] = image_size
    network = _made(name, wanted)
    if getattr(network, "dynamic_img_size", False):
        network = _made(name, wanted | {"dynamic_img_size": False})
    return network.eval()


def input_size(network: nn.Module, arguments: dict[str, Any], image_size: int | None) -> int:
    """The side of its pictures: asked for, given to the network, or its own."""
    size = image_size or arguments.get("img_size") or network.pretrained_cfg["input_size"][-1]
    return size[0] if isinstance(size, tuple | list) else size


def _check_tiled(network: nn.Module, size: int) -> None:
    """timm cuts off what patches do not cover, and says nothing."""
    patch = getattr(getattr(network, "patch_embed", None), "patch_size", None)
    side = patch[0] if isinstance(patch, tuple | list) else patch
    if side and size % side:
        raise UsageError(f"--image-size {size}: expected a multiple of {side}, the patch size")


def _filtered(network: nn.Module, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """As timm itself reads published files: old names, and position embeddings resampled."""
    module = sys.modules[type(network).__module__]
    convert = getattr(module, "checkpoint_filter_fn", None)
    return state if convert is None else convert(dict(state), network)


def _misfits(network: nn.Module, state: dict[str, Tensor]) -> list[str]:
    """What keeps a state dict from being this network's: absent, of another form, or unknown."""
    own = network.state_dict()
    both = sorted(set(own) & set(state))
    shapes = [
        f"{name} ({list(state[name].shape)}, expected {list(own[name].shape)})"
        for name in both
        if state[name].shape != own[name].shape
    ]
    integers = [
        f"{name} ({str(state[name].dtype).removeprefix('torch.')})"
        for name in both
        if own[name].is_floating_point() and state[name].dtype not in _FLOATS
    ]
    found = {
        "it lacks": sorted(set(own) - set(state)),
        "of another shape:": shapes,
        "not floats:": integers,
        "the network knows no": sorted(
            name for name in set(state) - set(own) if not name.startswith(_CLASSIFIERS)
        ),
    }
    return [f"{fault} {some(names)}" for fault, names in found.items() if names]


def fill(network: nn.Module, state: dict[str, Tensor], where: str) -> list[str]:
    """Loads every tensor of the network, or says which do not fit.

    Returns the names of what it leaves out: classifiers, which a trunk does not have.
    """
    try:
        with told_as_out_of_memory("reading the weights"):
            state = _filtered(network, state)
    except (RuntimeError, KeyError, AttributeError, IndexError, ValueError) as error:
        raise ExportError(
            f"{where}: timm cannot read it as {type(network).__name__}: {error}"
        ) from None
    if faults := _misfits(network, state):
        raise ExportError(f"{where}: not the weights of this network: {'; '.join(faults)}")
    own = network.state_dict()
    network.load_state_dict({name: state[name] for name in own})
    return sorted(name for name in state if name not in own)


def _facts(network: nn.Module) -> dict[str, Any]:
    config = network.pretrained_cfg
    known = {"licence": config.get("license"), "family": type(network).__name__}
    return {key: value for key, value in known.items() if value}


def encoder(
    network: nn.Module,
    name: str,
    arguments: dict[str, Any],
    options: ImportOptions,
    origin: dict[str, Any],
) -> Encoder:
    """`network`: filled."""
    size = input_size(network, arguments, options.image_size)
    _check_tiled(network, size)
    config = resolve_model_data_config(network, {"input_size": (3, size, size)})
    recipe = preprocessing.of_timm(config, options)
    network = network.to(DTYPES[options.dtype])
    return vision.encoder(
        timm_network.sight(network, size),
        recipe,
        network,
        {
            "class": type(network).__name__,
            "package": "timm",
            "configuration": {"name": name, "image_size": size, **arguments},
        },
        origin,
        poolings=options.poolings,
        facts=_facts(network),
    )
