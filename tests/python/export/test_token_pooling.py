"""Token poolings against plain torch on slices, for every padding."""

import pytest
import torch
from consilience_export.architectures.text_call import Padding, position_ids
from consilience_export.errors import UsageError
from consilience_export.plain_pooling import POOL
from consilience_export.token_pooling import POOLINGS, chosen, pool_tokens

LENGTHS = [4, 1, 6, 2]


def padded(side: str) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
    torch.manual_seed(0)
    hidden = torch.randn(len(LENGTHS), 6, 5)
    mask = torch.zeros(len(LENGTHS), 6, dtype=torch.long)
    rows = []
    for row, n in enumerate(LENGTHS):
        span = slice(0, n) if side == "right" else slice(6 - n, 6)
        mask[row, span] = 1
        rows.append(hidden[row, span])
    return hidden, mask, rows


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("name", POOLINGS)
def test_every_pooling_equals_plain_slices_on_both_sides(name, side):
    hidden, mask, rows = padded(side)
    got = pool_tokens(hidden, mask, [name])
    want = torch.stack([POOL[name](row) for row in rows])
    assert got.shape == (len(LENGTHS), 1, 5)
    if name in ("first", "last", "max"):
        assert torch.equal(got[:, 0], want)
    torch.testing.assert_close(got[:, 0], want, rtol=1e-6, atol=1e-6)


def test_poolings_by_hand():
    hidden = torch.tensor([[9.0, 1.0], [2.0, 5.0], [4.0, 3.0]])
    by_hand = {
        "first": [9, 1],
        "last": [4, 3],
        "mean": [5, 3],
        "mean_without_first": [3, 4],
        "max": [9, 5],
        "mean_sqrt_length": [15 / 3**0.5, 9 / 3**0.5],
        "weighted_mean": [25 / 6, 20 / 6],
    }
    assert set(by_hand) == set(POOLINGS)
    for name, want in by_hand.items():
        torch.testing.assert_close(POOL[name](hidden), torch.tensor(want, dtype=torch.float32))


def test_one_token_alone_is_not_left_out():
    hidden = torch.tensor([[[3.0], [7.0]]])
    assert pool_tokens(hidden, torch.tensor([[0, 1]]), ["mean_without_first"]).item() == 7


def test_order_of_poolings_is_the_one_asked_for():
    hidden, mask, rows = padded("right")
    got = pool_tokens(hidden, mask, ["mean", "first"])
    assert torch.equal(got[0, 1], rows[0][0])


def test_padding_values_do_not_matter():
    hidden, mask, _ = padded("left")
    changed = torch.where(mask[:, :, None] == 1, hidden, torch.tensor(1e6))
    names = list(POOLINGS)
    assert torch.equal(pool_tokens(hidden, mask, names), pool_tokens(changed, mask, names))


def test_half_precision_is_pooled_in_single():
    hidden = torch.full((1, 3000, 1), 1.0).bfloat16()
    mask = torch.ones(1, 3000, dtype=torch.long)
    assert pool_tokens(hidden, mask, ["mean"]).item() == 1.0


def test_asked_for_and_own_poolings():
    assert chosen(None) == ["first", "last", "mean"]
    assert chosen(("max",), ["mean"]) == ["max", "mean"]
    assert chosen(None, ["mean", "max"]) == ["first", "last", "mean", "max"]
    with pytest.raises(UsageError, match="--pool median: expected some of first"):
        chosen(("mean", "median"))


def test_position_ids_count_valid_tokens():
    mask = torch.tensor([[0, 0, 1, 1], [1, 1, 1, 0]])
    assert position_ids(mask).tolist() == [[0, 0, 0, 1], [0, 1, 2, 2]]


def test_texts_are_padded_to_the_context_from_either_side():
    ids = torch.tensor([[0, 7, 8], [5, 6, 0]])
    mask = torch.tensor([[0, 1, 1], [1, 1, 0]])
    assert Padding(5, 9)(ids, mask).tolist() == [[7, 8, 9, 9, 9], [5, 6, 9, 9, 9]]
    assert Padding(4, 9).alone(torch.tensor([7])).tolist() == [7, 9, 9, 9]
