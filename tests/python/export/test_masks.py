"""Masks against the words that define them, pair by pair."""

import pytest
import torch
from consilience_export import masks

TOKENS = torch.tensor([[1, 1, 1, 1, 1, 0, 0], [0, 0, 1, 1, 1, 1, 1], [1, 0, 0, 0, 0, 0, 0]])


@pytest.mark.parametrize("window", [None, 1, 2, 4])
@pytest.mark.parametrize("make", [masks.each_way, masks.causal])
def test_a_valid_query_sees_what_it_should(make, window):
    mask = make(TOKENS, torch.float32, window)
    assert mask.shape == (3, 1, 7, 7)
    for row, valid in enumerate(TOKENS.tolist()):
        for query in [i for i in range(7) if valid[i]]:
            for key in range(7):
                if make is masks.causal:
                    near = key <= query and (window is None or query - key < window)
                else:
                    near = window is None or abs(query - key) <= window
                seen = mask[row, 0, query, key].item() == 0
                assert seen == (near and bool(valid[key])), (row, query, key)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("make", [masks.each_way, masks.causal])
def test_no_query_sees_nothing_and_nothing_is_infinite(make, dtype):
    for window in (None, 1):
        mask = make(TOKENS, dtype, window)
        assert mask.dtype == dtype and torch.isfinite(mask).all()
        assert (mask == 0).any(-1).all()
