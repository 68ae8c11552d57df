"""Weights of a transformer from an ONNX file, under the names of the module tree it came from."""

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


def named_weights(path: Path, root: str) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Returns (weights, constants): arrays below module `root`, and folded constants by consumer.

    The ONNX exporter of PyTorch keeps the names of biases and norms, but stores the weight of a
    linear layer transposed and unnamed; the name of the MatMul that uses it tells whose it is.
    """
    graph = onnx.load(path).graph
    arrays = {tensor.name: tensor for tensor in graph.initializer}
    weights = {
        name.split(f"{root}.", 1)[1]: numpy_helper.to_array(tensor)
        for name, tensor in arrays.items()
        if f"{root}." in name
    }
    constants = {}
    for node in graph.node:
        for name in node.input:
            if not name.startswith("onnx::") or name not in arrays:
                continue
            array = numpy_helper.to_array(arrays[name])
            module = node.name.strip("/").replace("/", ".")
            if node.op_type == "MatMul" and f"{root}." in module:
                owner = module.split(f"{root}.", 1)[1].removesuffix(".MatMul")
                weights[f"{owner}.weight"] = np.ascontiguousarray(array.T)
            else:
                constants[module] = array
    return weights, constants
