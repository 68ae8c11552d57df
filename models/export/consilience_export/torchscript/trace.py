"""From an encoder to a TorchScript file."""

import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from consilience_export import space
from consilience_export.encoder import Encoder
from consilience_export.errors import ExportError, first_line
from consilience_export.memory import told_as_out_of_memory
from consilience_export.torchscript import archive, decisions
from consilience_export.torchscript.artefact import Artefact, compiled


def example(encoder: Encoder) -> tuple[Tensor, ...]:
    """Small inputs of a size that no layer has; verification uses others."""
    if encoder.modality == "vision":
        crop = encoder.pixels["crop"]
        return (torch.linspace(-1, 1, 2 * 3 * crop * crop).reshape(2, 3, crop, crop),)
    if encoder.modality == "audio":
        samples = 3 * encoder.audio["min_samples"] + 11
        return (torch.linspace(-1, 1, 2 * samples).reshape(2, samples),)
    ids = torch.arange(14).reshape(2, 7) + 5
    return ids, torch.ones_like(ids)


def save(encoder: Encoder, path: Path) -> None:
    """Traces the encoder (or scripts it, where it says so) and writes the archive."""
    save_module(encoder.module, None if encoder.scripted else example(encoder), path)


def save_module(network: nn.Module, inputs: tuple[Tensor, ...] | None, path: Path) -> None:
    """Traces a network on `inputs` (scripts it without any) and writes the archive."""
    with decisions.noticed() as places, torch.no_grad():
        try:
            with told_as_out_of_memory("tracing the model"):
                archive.forget_earlier_networks()
                if inputs is None:
                    module = compiled(network.eval())
                else:
                    module = torch.jit.trace(
                        network.eval(), inputs, check_trace=False, strict=False
                    )
                space.require(path.parent, network)
                archive.save(module, path)
        except (ExportError, OSError):
            raise
        except Exception as error:  # a network may raise anything when its values are traced
            raise ExportError(f"cannot be traced: {first_line(error)}") from error
    decisions.tell(places)


def decided(encoder: Encoder) -> list[str]:
    """Where Python decides while the encoder is traced: its user's lines, or else a library's."""
    with decisions.noticed() as places, torch.no_grad():
        torch.jit.trace(encoder.module.eval(), example(encoder), check_trace=False, strict=False)
    return decisions.of_user(places) or places


def load(path: Path) -> Artefact:
    """Loads an archive and turns off what the engine's runner turns off."""
    torch._C._jit_set_profiling_executor(False)
    torch._C._jit_set_profiling_mode(False)
    torch._C._set_graph_executor_optimize(False)
    torch._C._jit_set_texpr_fuser_enabled(False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.load(str(path), map_location="cpu").eval()


def scripted(module: nn.Module) -> Artefact:
    """A module whose children are loaded archives, ready to be run as they are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compiled(module.eval())
