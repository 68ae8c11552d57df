"""EfficientNet-Lite: the architecture of efficientnet_lite_pytorch, weights from .pth files."""

import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn

from consilience_export import distributions, pixels
from consilience_export.distributions import SourceFile
from consilience_export.encoder import Encoder, Layer
from consilience_export.errors import ExportError
from consilience_export.job import Job
from consilience_export.pooling import VisionEncoder, pool_picture


class Trunk(nn.Module):
    """Stem, blocks and head of a network, each one module with one output; no classifier."""

    def __init__(self, network: EfficientNet):
        super().__init__()
        self.stem = nn.Sequential(network._conv_stem, network._bn0, nn.ReLU6())
        self.blocks = network._blocks
        self.head = nn.Sequential(network._conv_head, network._bn1, nn.ReLU6())

    def forward(self, pixels: Tensor) -> Tensor:
        hidden = self.stem(pixels)
        for block in self.blocks:
            hidden = block(hidden)
        return self.head(hidden)


def reference(network: EfficientNet):
    """Stem, blocks and head called one after another on one picture: [H W, D] each."""

    def run(sample: Tensor) -> tuple[list[Tensor], None]:
        with torch.no_grad():
            hidden = network._swish(network._bn0(network._conv_stem(sample[None])))
            states = [hidden]
            for block in network._blocks:
                states.append(block(states[-1]))
            states.append(network._swish(network._bn1(network._conv_head(states[-1]))))
        return [state[0].flatten(1).T for state in states], None

    return run


def encoder(network: EfficientNet, name: str, source: SourceFile, recipe: dict) -> Encoder:
    network = network.eval()
    trunk = Trunk(network)
    blocks = list(network._blocks)
    taps = [trunk.stem, *blocks, trunk.head]
    widths = [network._conv_stem.out_channels]
    widths += [block._project_conv.out_channels for block in blocks]
    widths += [network._conv_head.out_channels]
    names = ["embedding", *(f"block_{i}" for i in range(len(blocks))), "head"]
    kinds = ["embedding", *["block"] * len(blocks), "head"]
    return Encoder(
        modality="vision",
        module=VisionEncoder(trunk, taps, lambda hidden: pool_picture(hidden, ["mean"])),
        original=trunk,
        reference=reference(network),
        layers=[Layer(*layer) for layer in zip(names, widths, kinds, strict=True)],
        poolings=["mean"],
        architecture={
            "class": "EfficientNet",
            "configuration": {"name": name, "image_size": recipe["crop"]},
            "package": "efficientnet-lite-pytorch 0.1.0",
        },
        origin=source.origin if source else {},
        pixels=recipe,
        runtime={"freeze": True, "channels_last": True},
    )


def load(job: Job) -> Encoder:
    source = distributions.find(job.packages[0], ".pth")
    architecture = job.packages[0].removesuffix("-pytorch-model")
    network = EfficientNet.from_name(architecture)
    weights = torch.load(source.path, map_location="cpu", weights_only=True)
    missing, unexpected = network.load_state_dict(weights, strict=False)
    if missing or unexpected:
        raise ExportError(f"{source.path}: missing {missing}, unexpected {unexpected} tensors")
    return encoder(
        network,
        architecture,
        source,
        pixels.describe(job, [127 / 255], [128 / 255]),
    )
