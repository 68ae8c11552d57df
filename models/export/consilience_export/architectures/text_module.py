"""The module that is traced for a text network."""

from collections.abc import Sequence

import torch
from torch import Tensor

from consilience_export import token_pooling
from consilience_export.pooling import Tapped
from consilience_export.portable import Portable


class TextEncoder(Tapped):
    """forward(ids, mask) -> pooled layers, a layer after pooling, and [nll, tokens] with a head.

    `call(ids, mask)` gives the model's arguments; `after` maps the last layer's pooled [B, P, D];
    `head(hidden, ids, mask)` gives [B, S]; `pad(ids, mask)` the texts as the model was trained.
    """

    def __init__(self, model, taps, poolings, call, patch, after=None, head=None, pad=None):
        super().__init__(model, taps)
        self.poolings = tuple(poolings)
        self.call = call
        self.patch = patch
        self.after = after
        self.head = head
        self.pad = pad
        self._last_is_kept = True

    def keep(self, kept: Sequence[int]) -> None:
        """A kept layer after pooling needs the one before it, kept or not."""
        last = len(self._handles) - 1
        if self.after is not None and last + 1 not in kept:
            self.after = None
        self._last_is_kept = last in kept or self.after is None
        super().keep([*kept, last] if self.after is not None else kept)

    def forward(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        if self.pad is not None:
            ids = self.pad(ids, mask)
            mask = torch.ones_like(ids)

        def pool(hidden: Tensor) -> Tensor:
            return token_pooling.pool_tokens(hidden, mask, self.poolings)

        with Portable(ids), self.patch(self.model):
            pooled, output = self.run(pool, **self.call(ids, mask))
        if self.after is not None:
            pooled.append(self.after(pooled[-1]))
            if not self._last_is_kept:
                del pooled[-2]
        if self.head is not None:
            pooled.append(self.head(output.last_hidden_state, ids, mask))
        return pooled
