"""Per-sample negative log-likelihood inside the graph, without logits of a whole batch."""

import torch
from torch import Tensor, nn

from consilience_export.torchscript.artefact import compiled


@compiled
def negative_log_likelihood(
    hidden: Tensor,
    vocabulary: Tensor,
    bias: Tensor | None,
    softcap: float,
    ids: Tensor,
    mask: Tensor,
) -> Tensor:
    """[B, 2]: the sum of -log p over the valid tokens after the first, and their number.

    hidden [B, T, D] after the final norm, vocabulary [V, D], bias [V]; softcap 0: none. Valid
    tokens are contiguous. Logits exist for 128 tokens at a time: they are V wide.
    """
    predicted = (mask[:, 1:] * mask[:, :-1]) > 0
    states = hidden[:, :-1][predicted]
    targets = ids[:, 1:][predicted]
    losses = [states.new_zeros([0], dtype=torch.float32)]
    for start in range(0, states.size(0), 128):
        logits = torch.matmul(states[start : start + 128], vocabulary.t())
        if bias is not None:
            logits = logits + bias
        if softcap > 0:
            logits = torch.tanh(logits / softcap) * softcap
        logits = logits.float()
        chosen = logits.gather(1, targets[start : start + 128].unsqueeze(1)).squeeze(1)
        losses.append(logits.logsumexp(1) - chosen)
    scattered = torch.zeros_like(predicted, dtype=torch.float32)
    scattered = scattered.masked_scatter(predicted, torch.cat(losses))
    return torch.stack([scattered.sum(1), predicted.sum(1).float()], 1)


class LanguageHead(nn.Module):
    """The scalars `nll` and `tokens` of a causal language model."""

    def __init__(self, head: nn.Linear, softcap: float | None):
        super().__init__()
        self.vocabulary = head.weight
        self.bias = head.bias
        self.softcap = softcap or 0.0

    def forward(self, hidden: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        return negative_log_likelihood(hidden, self.vocabulary, self.bias, self.softcap, ids, mask)
