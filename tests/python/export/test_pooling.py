"""Poolings of pictures against plain torch."""

import torch
from consilience_export.pooling import pool_picture


def test_vision_poolings():
    torch.manual_seed(0)
    tokens, image = torch.randn(2, 7, 3), torch.randn(2, 3, 4, 5)
    patches = pool_picture(tokens, ["first", "mean"])
    assert torch.equal(patches[:, 0], tokens[:, 0])
    torch.testing.assert_close(patches[:, 1], tokens.sum(1) / 7)
    torch.testing.assert_close(pool_picture(image, ["mean"])[:, 0], image.sum((2, 3)) / 20)
