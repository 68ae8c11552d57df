"""Artefacts equal their originals, whatever the batch; those that do not are refused."""

import pytest
import tiny
import torch
from consilience_export import verify
from consilience_export.card import error_bound
from consilience_export.encoder import Layer
from consilience_export.errors import ExportError
from consilience_export.pooling import Tapped
from consilience_export.samples import batches_for
from consilience_export.torchscript import graph_lint, trace
from consilience_export.twins import randomise
from torch import nn


def saved(encoder, tmp_path):
    path = tmp_path / "model.ts"
    trace.save(encoder, path)
    return trace.load(path)


def test_every_architecture_is_equal_within_the_bound(encoder, tmp_path):
    errors = verify.measure(encoder, saved(encoder, tmp_path))
    assert list(errors) == verify.names(encoder)
    assert max(errors.values()) < 1e-4


def test_batches_cover_one_token_the_longest_and_both_sides():
    batches = batches_for(tiny.tiny_bert())
    lengths = [mask.sum(1).tolist() for _, mask in (batch.arguments for batch in batches)]
    assert [1] in lengths and any(1 in n and len(n) > 1 for n in lengths)
    assert any(128 in n for n in lengths)
    firsts = {mask[-1, 0].item() for _, mask in (batch.arguments for batch in batches)}
    assert firsts == {0, 1}


def test_padded_equals_unpadded(tmp_path):
    for make in (tiny.tiny_bert, tiny.tiny_mpnet, tiny.tiny_llama):
        encoder = make()
        module = saved(encoder, tmp_path)
        pad = encoder.tokens["padding_id"]
        alone = torch.tensor([[7, 8, 9]])
        want = module(alone, torch.ones_like(alone))
        right = torch.tensor([[7, 8, 9, pad, pad], [9, 9, 9, 9, 9]])
        got = module(right, torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]))
        left = torch.tensor([[9, 9, 9, 9, 9], [pad, pad, 7, 8, 9]])
        other = module(left, torch.tensor([[1, 1, 1, 1, 1], [0, 0, 1, 1, 1]]))
        for a, b, c in zip(want, got, other, strict=True):
            torch.testing.assert_close(b[0], a[0], rtol=1e-4, atol=1e-5)
            torch.testing.assert_close(c[1], a[0], rtol=1e-4, atol=1e-5)


def test_other_weights_are_refused(encoder, tmp_path):
    module = saved(encoder, tmp_path)
    randomise(encoder.original, seed=7)
    with pytest.raises(ExportError, match="differs from the original"):
        verify.measure(encoder, module)


def test_a_small_fault_in_one_layer_is_refused_and_named(tmp_path, monkeypatch):
    honest = Tapped._on_output

    def faulty(self, module, inputs, output):
        last = module is encoder.original.encoder.layer[-1]
        return honest(self, module, inputs, output * 1.001 if last else output)

    monkeypatch.setattr(Tapped, "_on_output", faulty)
    encoder = tiny.tiny_bert()
    with pytest.raises(ExportError, match="layer block_1: artefact differs"):
        verify.measure(encoder, saved(encoder, tmp_path))


def test_a_fault_is_not_excused_by_huge_values_elsewhere():
    original = torch.tensor([[[1e6, 1e6]], [[1.0, 1.0]]])
    got = original + torch.tensor([[[0.0, 0.0]], [[0.5, 0.0]]])
    batch = batches_for(tiny.tiny_bert())[0]
    with pytest.raises(ExportError, match="layer x"):
        verify._checked_error("x", batch, got, original, 1e6, error_bound(tiny.tiny_bert()))


def test_nan_is_refused(tmp_path):
    encoder = tiny.tiny_bert()
    with torch.no_grad():
        module = saved(encoder, tmp_path)
        for name, tensor in module.named_parameters():
            if name.endswith("layer.1.output.LayerNorm.bias"):
                tensor.fill_(torch.nan)
    with pytest.raises(ExportError, match="block_1"):
        verify.measure(encoder, module)


def test_ignoring_the_mask_is_refused(tmp_path):
    encoder = tiny.tiny_bert()
    honest = encoder.module.call
    encoder.module.call = lambda ids, mask: honest(ids, torch.ones_like(mask))
    with pytest.raises(ExportError, match="differs"):
        verify.measure(encoder, saved(encoder, tmp_path))


def test_positions_without_the_mask_are_refused(tmp_path):
    encoder = tiny.tiny_bert()
    honest = encoder.module.call
    encoder.module.call = lambda ids, mask: honest(ids, mask) | {"position_ids": None}
    with pytest.raises(ExportError, match=r"embedding.*left"):
        verify.measure(encoder, saved(encoder, tmp_path))


def test_batch_statistics_are_refused(tmp_path):
    encoder = tiny.tiny_lite()
    encoder.module.train()
    encoder.module.eval = lambda: encoder.module
    module = saved(encoder, tmp_path)
    encoder.original.eval()
    with pytest.raises(ExportError, match="differs"):
        verify.measure(encoder, module)


def test_wrong_number_of_layers_is_refused(tmp_path):
    encoder = tiny.tiny_bert()
    encoder.layers.append(Layer("extra", 24, "block"))
    with pytest.raises(ExportError, match="expected per sample"):
        verify.measure(encoder, saved(encoder, tmp_path))


def test_device_constants_and_chance_are_found():
    class Positions(nn.Module):
        def forward(self, x):
            return x + torch.arange(x.size(0), device=x.device) + torch.rand(x.size(0))

    traced = torch.jit.trace(Positions(), torch.zeros(3), check_trace=False)
    found = "; ".join(graph_lint.problems(traced))
    assert "device constant used by" in found and "aten::arange" in found
    assert "aten::rand" in found


def test_log_likelihood_counts_tokens_after_the_first(tmp_path):
    encoder = tiny.tiny_llama()
    module = saved(encoder, tmp_path)
    ids = torch.tensor([[5, 6, 7, 8], [9, 0, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 0, 0, 0]])
    scalars = module(ids, mask)[-1]
    with torch.no_grad():
        logits = encoder.original(ids[:1]).logits[0]
    want = -logits.log_softmax(1)[[0, 1, 2], [6, 7, 8]].sum()
    torch.testing.assert_close(scalars[0, 0], want)
    assert scalars[:, 1].tolist() == [3, 0] and scalars[1, 0] == 0


def test_control_flow_that_follows_the_example_is_refused(tmp_path):
    encoder = tiny.tiny_bert()
    honest = encoder.module.call
    encoder.module.call = lambda ids, mask: honest(ids, mask if ids.size(1) > 7 else mask * 0 + 1)
    with pytest.raises(ExportError, match="differs from the original"):
        verify.measure(encoder, saved(encoder, tmp_path))


def test_a_shape_that_follows_the_example_is_refused(tmp_path):
    encoder = tiny.tiny_bert()
    honest = encoder.module.call
    encoder.module.call = lambda ids, mask: honest(ids.reshape(2, int(ids.size(1))), mask)
    with pytest.raises(ExportError, match=r"fails on token counts \[1\].*follows the example"):
        verify.measure(encoder, saved(encoder, tmp_path))


def test_what_cannot_be_traced_is_told(tmp_path):
    encoder = tiny.tiny_bert()

    def call(ids, mask):
        raise ValueError("this network wants pictures too")

    encoder.module.call = call
    with pytest.raises(ExportError, match="cannot be traced: this network wants pictures too"):
        saved(encoder, tmp_path)
