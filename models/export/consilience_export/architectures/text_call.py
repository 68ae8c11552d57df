"""How a text network is called: positions, masks and padding from the ids and the token mask."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from consilience_export import masks
from consilience_export.architectures.text_families import Family


def position_ids(mask: Tensor) -> Tensor:
    """Index of every token among the valid ones, [B, T]; 0 before the first."""
    return (mask.cumsum(1) - 1).clamp(min=0)


@dataclass(frozen=True)
class Padding:
    """Texts as a model wants them that was trained on padded ones, without a mask."""

    length: int
    padding_id: int

    def __call__(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Each text from the left, then padding: [B, length]. No text is longer."""
        place = torch.where(mask > 0, position_ids(mask), self.length)
        rows = ids.new_full([ids.size(0), self.length + 1], self.padding_id)
        return rows.scatter(1, place, ids)[:, : self.length]

    def alone(self, sample: Tensor) -> Tensor:
        """One text, [T] to [length]."""
        missing = self.length - len(sample)
        return torch.cat([sample, torch.full([missing], self.padding_id)])


@dataclass(frozen=True)
class Call:
    """How a family is called: the arguments for ids and mask [B, T]."""

    family: Family
    config: Any
    dtype: torch.dtype

    def _mask(self, mask: Tensor) -> Any:
        if self.family.masks == "tokens":
            return mask
        make = masks.causal if self.family.masks == "causal" else masks.each_way
        window = getattr(self.config, "sliding_window", None)
        if self.family.window == "by_layer":
            kinds = {
                "full_attention": lambda: make(mask, self.dtype),
                "sliding_attention": lambda: make(mask, self.dtype, window),
            }
            return {kind: kinds[kind]() for kind in sorted(set(self.config.layer_types))}
        return make(mask, self.dtype, window if self.family.window else None)

    def __call__(self, ids: Tensor, mask: Tensor) -> dict[str, Any]:
        inputs: dict[str, Any] = {"input_ids": ids, "attention_mask": self._mask(mask)}
        if self.family.positions == "counted":
            inputs["position_ids"] = position_ids(mask)
        elif self.family.positions == "after_padding":
            inputs["position_ids"] = mask.cumsum(1) * mask + self.config.pad_token_id
        if self.family.token_types:
            inputs["token_type_ids"] = torch.zeros_like(ids)
        if self.family.causal:
            inputs["use_cache"] = False
        return inputs
