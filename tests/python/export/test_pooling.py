"""Pooling against plain torch on slices, for every padding."""

import torch
from consilience_export.pooling import pool_picture, pool_tokens, position_ids

LENGTHS = [4, 1, 6]


def padded(side: str) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
    torch.manual_seed(0)
    hidden = torch.randn(3, 6, 5)
    mask = torch.zeros(3, 6, dtype=torch.long)
    rows = []
    for row, n in enumerate(LENGTHS):
        span = slice(0, n) if side == "right" else slice(6 - n, 6)
        mask[row, span] = 1
        rows.append(hidden[row, span])
    return hidden, mask, rows


def test_token_poolings_equal_slices_on_both_sides():
    for side in ("right", "left"):
        hidden, mask, rows = padded(side)
        got = pool_tokens(hidden, mask, ["first", "last", "mean"])
        want = torch.stack([torch.stack([row[0], row[-1], row.mean(0)]) for row in rows])
        assert got.shape == (3, 3, 5)
        assert torch.equal(got[:, :2], want[:, :2])
        torch.testing.assert_close(got[:, 2], want[:, 2], rtol=1e-6, atol=1e-6)


def test_order_of_poolings_is_the_one_asked_for():
    hidden, mask, rows = padded("right")
    got = pool_tokens(hidden, mask, ["mean", "first"])
    assert torch.equal(got[0, 1], rows[0][0])


def test_padding_values_do_not_matter():
    hidden, mask, _ = padded("left")
    changed = torch.where(mask[:, :, None] == 1, hidden, torch.tensor(1e6))
    poolings = ["first", "last", "mean"]
    assert torch.equal(pool_tokens(hidden, mask, poolings), pool_tokens(changed, mask, poolings))


def test_half_precision_is_pooled_in_single():
    hidden = torch.full((1, 3000, 1), 1.0).bfloat16()
    mask = torch.ones(1, 3000, dtype=torch.long)
    assert pool_tokens(hidden, mask, ["mean"]).item() == 1.0


def test_position_ids_count_valid_tokens():
    mask = torch.tensor([[0, 0, 1, 1], [1, 1, 1, 0]])
    assert position_ids(mask).tolist() == [[0, 0, 0, 1], [0, 1, 2, 2]]


def test_vision_poolings():
    torch.manual_seed(0)
    tokens, image = torch.randn(2, 7, 3), torch.randn(2, 3, 4, 5)
    patches = pool_picture(tokens, ["first", "mean"])
    assert torch.equal(patches[:, 0], tokens[:, 0])
    torch.testing.assert_close(patches[:, 1], tokens.sum(1) / 7)
    torch.testing.assert_close(pool_picture(image, ["mean"])[:, 0], image.sum((2, 3)) / 20)
