"""Models whose weights come as Python distributions: the zoo that works offline."""

from collections.abc import Callable
from importlib import import_module

from consilience_export.encoder import Encoder
from consilience_export.errors import ExportError
from consilience_export.job import Job

LOADERS = {
    "efficientnet-lite": "efficientnet_lite",
    "dinov2-onnx": "dinov2",
    "minilm-onnx": "bert:load_onnx",
    "minilm-folder": "bert:load_folder",
    "mpnet-zip": "mpnet",
    "llama-gguf": "llama",
    "colour-histogram": "trivial:load_colour_histogram",
    "bag-of-words": "trivial:load_bag_of_words",
}


def _loader(key: str) -> Callable[[Job], Encoder]:
    if key not in LOADERS:
        raise ExportError(f"no loader {key!r}; there are: {', '.join(LOADERS)}")
    module, _, function = LOADERS[key].partition(":")
    return getattr(import_module(f"{__name__}.{module}"), function or "load")


def load(job: Job) -> Encoder:
    return _loader(job.spec.where)(job)
