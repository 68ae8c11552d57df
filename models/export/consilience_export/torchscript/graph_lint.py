"""What must not be in a saved graph: Python, devices, randomness."""

from collections.abc import Iterator

import torch

from consilience_export.torchscript.artefact import Artefact

_RANDOM = ("aten::rand", "aten::rand_like", "aten::randn", "aten::bernoulli", "aten::normal")


def _nodes(block) -> Iterator[torch._C.Node]:
    for node in block.nodes():
        yield node
        for inner in node.blocks():
            yield from _nodes(inner)


def _is_array(node: torch._C.Node) -> bool:
    """Whether a constant is a tensor with dimensions: a number alone runs on every device."""
    return node.hasAttribute("value") and node.kindOf("value") == "t" and node.t("value").dim() > 0


def problems(module: Artefact) -> list[str]:
    """One line for each kind of op that ties the artefact to Python, to a device or to chance."""
    graph = module.graph.copy()
    torch._C._jit_pass_inline(graph)
    found = set()
    for node in _nodes(graph):
        kind = node.kind()
        if kind == "prim::PythonOp":
            found.add(f"Python op {node.pyname()}")
        elif kind == "prim::Constant" and node.output().type().kind() == "DeviceObjType":
            users = sorted({use.user.kind() for use in node.output().uses()})
            found.add(f"device constant used by {', '.join(users)}")
        elif kind == "prim::Constant" and _is_array(node):
            found.add(f"constant of shape {list(node.t('value').shape)}, which stays on one device")
        elif kind.rstrip("_") in _RANDOM:
            found.add(f"random op {kind}")
        elif kind == "aten::dropout" and list(node.inputs())[2].toIValue():
            found.add("dropout in training mode")
    return sorted(found)
