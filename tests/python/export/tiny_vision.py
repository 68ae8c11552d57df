"""A tiny random model of every vision family, in the files that a user would have."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import timm
import tiny_text
import torch
import transformers
from consilience_export.architectures import timm_model
from consilience_export.architectures.picture_families import FAMILIES
from safetensors.torch import save_file
from torch import nn

_VIT = "img_size=32&embed_dim=24&depth=2&num_heads=2&patch_size=8"
_EVA = "img_size=32&embed_dim=24&depth=2&num_heads=2&patch_size=8"
_CONV = "depths=(1,2,1,1)&dims=(8,8,16,16)"
_SWIN = "img_size=64&embed_dim=8&depths=(2,2)&num_heads=(1,2)&window_size=4"

# --arch of a checkpoint; the last is as timm has it: its size cannot be chosen.
TIMM = {
    "timm-vit": f"timm:vit_base_patch16_224?{_VIT}",  # augreg, MAE and DINO share it
    "timm-deit-distilled": f"timm:deit_tiny_distilled_patch16_224?{_VIT}",
    "timm-clip": f"timm:vit_base_patch16_clip_224?{_VIT}",
    "timm-siglip": f"timm:vit_base_patch16_siglip_224?{_VIT}",
    "timm-dinov2": f"timm:vit_small_patch14_dinov2?{_VIT}",
    "timm-dinov2-reg4": f"timm:vit_small_patch14_reg4_dinov2?{_VIT}",
    "timm-dinov3": f"timm:vit_small_patch16_dinov3?{_EVA}",
    "timm-eva02": f"timm:eva02_tiny_patch14_224?{_EVA}",
    "timm-beit": f"timm:beit_base_patch16_224?{_VIT}",
    "timm-swin": f"timm:swin_tiny_patch4_window7_224?{_SWIN}",
    "timm-swinv2": f"timm:swinv2_tiny_window8_256?{_SWIN}",
    "timm-convnext": f"timm:convnext_atto?{_CONV}",
    "timm-convnextv2": f"timm:convnextv2_atto?{_CONV}",
    "timm-resnet": "timm:test_resnet",
    "timm-efficientnet": "timm:test_efficientnet",
    "timm-mobilenetv3": "timm:mobilenetv3_small_050",
}
# What pictures they are made for; the rest as their arguments say.
TIMM_SIZES = {
    "timm-convnext": 64,
    "timm-convnextv2": 64,
    "timm-resnet": 64,
    "timm-efficientnet": 64,
    "timm-mobilenetv3": 64,
}

_TRANSFORMER = {
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 40,
    "image_size": 32,
    "patch_size": 8,
}
_STAGES = {"hidden_sizes": [8, 8, 16, 16], "depths": [1, 2, 1, 1], "image_size": 32}
HF: dict[str, dict[str, Any]] = {
    "vit": _TRANSFORMER,
    "dinov2": _TRANSFORMER,
    "dinov2_with_registers": _TRANSFORMER,
    "dinov3_vit": _TRANSFORMER | {"num_register_tokens": 2},
    "dinov3_convnext": _STAGES,
    "vit_mae": _TRANSFORMER | {"decoder_hidden_size": 16, "decoder_num_hidden_layers": 1},
    "convnext": _STAGES,
    "convnextv2": _STAGES,
    "clip_vision_model": _TRANSFORMER,
    "siglip_vision_model": _TRANSFORMER,
}
PAIRS = {
    "clip": (transformers.CLIPModel, "CLIPImageProcessor"),
    "siglip": (transformers.SiglipModel, "SiglipImageProcessor"),
}
_CAPTIONS = {
    "vocab_size": tiny_text.VOCABULARY,
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 40,
    "max_position_embeddings": 16,
    "bos_token_id": 2,
    "eos_token_id": 3,
    "pad_token_id": 0,
    "projection_size": 24,
}


@dataclass(frozen=True)
class Files:
    """What a user would type: the spec, and the options that it needs."""

    spec: str
    options: dict[str, Any]


def shaken(network: nn.Module) -> nn.Module:
    """Every parameter and statistic matters: none is zero, none is what training starts from."""
    torch.manual_seed(5)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.2)
                module.running_var.uniform_(0.5, 1.5)
        for parameter in network.parameters():
            noise = torch.randn_like(parameter)
            if parameter.dim() > 1:
                wide = 0.15 if parameter.dim() == 2 else parameter[0].numel() ** -0.5
                parameter.copy_(noise * wide)
            elif parameter.dim() == 1:
                parameter.copy_(noise * 0.1 + (parameter == 1))  # norms stay near 1
    return network.eval()


def timm_network(architecture: str) -> nn.Module:
    """With a classifier of 5 classes, as a training script leaves it."""
    name, arguments = timm_model.split(architecture.removeprefix("timm:"))
    return shaken(timm.create_model(name, num_classes=5, **arguments))


def save_timm(name: str, folder: Path) -> Files:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.safetensors"
    state = timm_network(TIMM[name]).state_dict()
    save_file({key: value.contiguous() for key, value in state.items()}, file)
    size = {"image_size": TIMM_SIZES[name]} if name in TIMM_SIZES else {}
    return Files(f"checkpoint:{file}", {"architecture": TIMM[name]} | size)


def save_processor(folder: Path, kind: str = "ViTImageProcessor", **changes: Any) -> None:
    settings = {"size": {"height": 32, "width": 32}} | changes
    getattr(transformers, kind)(**settings).save_pretrained(folder)


def hf_network(kind: str) -> nn.Module:
    chosen = getattr(transformers, FAMILIES[kind].model)
    return shaken(chosen(chosen.config_class(**HF[kind]), **FAMILIES[kind].options))


def save_hf(kind: str, folder: Path) -> Files:
    hf_network(kind).save_pretrained(folder)
    save_processor(folder)
    return Files(f"hf:{folder}", {})


def pair(kind: str) -> nn.Module:
    chosen = PAIRS[kind][0]
    config = chosen.config_class(
        text_config=_CAPTIONS, vision_config=_TRANSFORMER, projection_dim=12
    )
    return shaken(chosen(config))


def save_pair(kind: str, folder: Path, part: str) -> Files:
    pair(kind).save_pretrained(folder)
    crop = {"size": {"shortest_edge": 36}, "crop_size": {"height": 32, "width": 32}}
    save_processor(folder, PAIRS[kind][1], **(crop if kind == "clip" else {}))
    tiny_text.word_tokenizer().save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"pad_token": "[PAD]"}))
    return Files(f"hf:{folder}#{part}", {})
