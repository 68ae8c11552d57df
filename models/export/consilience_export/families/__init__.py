"""One module per architecture: each has a function from a ZooModel to an Encoder."""

from collections.abc import Callable
from importlib import import_module

from consilience_export.encoder import Encoder
from consilience_export.errors import ExportError
from consilience_export.zoo import ZooModel

_LOADERS = {
    "efficientnet-lite": "efficientnet_lite",
    "dinov2-onnx": "dinov2",
    "minilm-onnx": "bert:load_onnx",
    "minilm-folder": "bert:load_folder",
    "mpnet-zip": "mpnet",
    "llama-gguf": "llama",
    "colour-histogram": "trivial:load_colour_histogram",
    "bag-of-words": "trivial:load_bag_of_words",
}


def loader(key: str) -> Callable[[ZooModel], Encoder]:
    """The function that loads a zoo model by name; imports only what that model needs."""
    if key not in _LOADERS:
        raise ExportError(f"no loader {key!r}; there are: {', '.join(_LOADERS)}")
    module, _, function = _LOADERS[key].partition(":")
    return getattr(import_module(f"{__name__}.{module}"), function or "load")
