"""A network as the engine loads and runs it."""

import torch

Artefact = torch.jit.ScriptModule

# For a function with loops over sizes, which a trace would unroll.
compiled = torch.jit.script


def prepared(module: Artefact, runtime: dict[str, bool]) -> Artefact:
    """The module as the engine runs it."""
    if runtime["channels_last"]:
        module = module.to(memory_format=torch.channels_last)
    if not runtime["freeze"]:
        return module
    # Freezing inlines only while the graph executor may optimise; running needs no such leave.
    torch._C._set_graph_executor_optimize(True)
    try:
        return torch.jit.freeze(module)
    finally:
        torch._C._set_graph_executor_optimize(False)
