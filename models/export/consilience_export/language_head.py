"""Per-sample negative log-likelihood inside the graph, without logits of a whole batch."""

import torch
from torch import Tensor, nn


@torch.jit.script
def negative_log_likelihood(
    hidden: Tensor, vocabulary: Tensor, ids: Tensor, mask: Tensor
) -> Tensor:
    """[B, 2]: the sum of -log p over the valid tokens after the first, and their number.

    hidden [B, T, D] after the final norm, vocabulary [V, D]; valid tokens are contiguous. Logits
    exist for 128 tokens at a time: they are V wide.
    """
    predicted = (mask[:, 1:] * mask[:, :-1]) > 0
    states = hidden[:, :-1][predicted]
    targets = ids[:, 1:][predicted]
    losses = [states.new_zeros([0])]
    for start in range(0, states.size(0), 128):
        logits = torch.matmul(states[start : start + 128], vocabulary.t())
        chosen = logits.gather(1, targets[start : start + 128].unsqueeze(1)).squeeze(1)
        losses.append(logits.logsumexp(1) - chosen)
    scattered = torch.zeros_like(predicted, dtype=hidden.dtype)
    scattered = scattered.masked_scatter(predicted, torch.cat(losses))
    return torch.stack([scattered.sum(1), predicted.sum(1).to(hidden.dtype)], 1)


class LanguageHead(nn.Module):
    """The scalars `nll` and `tokens` of a causal language model."""

    def __init__(self, vocabulary: nn.Parameter):
        super().__init__()
        self.vocabulary = vocabulary

    def forward(self, hidden: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        return negative_log_likelihood(hidden, self.vocabulary, ids, mask)
