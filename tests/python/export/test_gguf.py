"""GGUF files written as llama.cpp's converter writes them, read back as models."""

import gguf
import numpy as np
import pytest
import tiny_text
import torch
from consilience_export import build
from consilience_export.cli import main
from consilience_export.errors import ExportError
from consilience_export.importing import import_model
from consilience_export.job import Job
from consilience_export.options import ImportOptions
from consilience_export.spec import parse

ARCHITECTURES = {
    "llama": (gguf.MODEL_ARCH.LLAMA, {}),
    "qwen2": (
        gguf.MODEL_ARCH.QWEN2,
        {"use_sliding_window": False, "layer_types": None, "head_dim": 16},
    ),
    "qwen3": (
        gguf.MODEL_ARCH.QWEN3,
        {"use_sliding_window": False, "layer_types": None, "head_dim": 128},
    ),
    "gemma2": (
        gguf.MODEL_ARCH.GEMMA2,
        {"attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0, "layer_types": None},
    ),
    "gemma3_text": (gguf.MODEL_ARCH.GEMMA3, {"layer_types": None}),
}

SPECIAL = [
    "<pad>",
    "<mask>",
    "<unk>",
    "<s>",
    "</s>",
    "<bos>",
    "<eos>",
    "<|endoftext|>",
    "<|im_end|>",
]


def permuted(weight, heads):
    """llama.cpp turns rotary pairs from halves to neighbours."""
    return weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def as_converted(name, array, kind, config):
    if kind == "llama" and name.endswith("q_proj.weight"):
        return permuted(array, config.num_attention_heads)
    if kind == "llama" and name.endswith("k_proj.weight"):
        return permuted(array, config.num_key_value_heads)
    return array + 1 if kind.startswith("gemma") and "norm" in name else array


def write(kind, path, quantised=None, extra=None):
    """The network behind the file."""
    architecture, changes = ARCHITECTURES[kind]
    network = tiny_text.network(kind, hidden_size=32, intermediate_size=64, **changes)
    config, name = network.config, gguf.MODEL_ARCH_NAMES[architecture]
    writer = gguf.GGUFWriter(path, name)
    writer.add_context_length(160)
    writer.add_block_count(2)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(64)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.head_dim if kind != "qwen2" else 16)
    writer.add_key_length(config.head_dim if kind != "qwen2" else 16)
    if kind.startswith("gemma"):
        writer.add_sliding_window(6)
    writer.add_name("tiny")
    tokens = [*SPECIAL, *tiny_text.NAMES[len(SPECIAL) : -3], "w", "9", "x"]
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([3] * len(SPECIAL) + [1] * (len(tokens) - len(SPECIAL)))
    writer.add_token_merges(["w 9"])
    writer.add_eos_token_id(3)
    names = gguf.get_tensor_name_map(architecture, 2)
    for key, tensor in network.state_dict().items():
        if key == "lm_head.weight" and config.tie_word_embeddings:
            continue
        array = as_converted(key, tensor.numpy(), kind, config)
        target = names.get_name(key, try_suffixes=(".weight", ".bias"))
        if quantised and array.ndim == 2:
            data = gguf.quantize(array, quantised)
            writer.add_tensor(target, data, raw_dtype=quantised)
        else:
            writer.add_tensor(target, np.ascontiguousarray(array))
    for key, value in (extra or {}).items():
        if isinstance(value, str):
            writer.add_string(f"{name}.{key}", value)
        else:
            writer.add_tensor(key, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return network


def job(path, **options):
    return Job("tiny", parse(f"gguf:{path}"), ImportOptions(**options))


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_a_plain_file_holds_the_very_network(kind, tmp_path):
    network = write(kind, tmp_path / "tiny.gguf")
    encoder = build.load(job(tmp_path / "tiny.gguf"))
    assert encoder.weights == {"kind": "trained"}
    text = torch.tensor([[9, 33, 12, 40, 7, 8, 21, 50, 13]])
    with torch.no_grad():
        want, got = network(text).logits, encoder.original(text).logits
    torch.testing.assert_close(got, want, rtol=1e-5, atol=1e-5)


def test_quantised_files_are_imported_and_flagged(tmp_path):
    write("llama", tmp_path / "tiny.gguf", quantised=gguf.GGMLQuantizationType.Q8_0)
    (tmp_path / "out").mkdir()
    (folder,) = import_model(job(tmp_path / "tiny.gguf"), 0, tmp_path / "out")
    card = (folder / "card.json").read_text()
    assert '"dequantised_from": "Q8_0"' in card and '"quantised_from": "Q8_0"' in card


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"rope.scaling.type": "yarn"}, "rotary positions"),
        ({"rope_freqs.weight": np.ones(8, np.float32)}, "rotary positions"),
    ],
)
def test_what_the_reader_would_lose_is_refused(tmp_path, extra, message):
    write("llama", tmp_path / "tiny.gguf", extra=extra)
    with pytest.raises(ExportError, match=message):
        build.load(job(tmp_path / "tiny.gguf"))


def test_what_is_no_gguf_is_told(tmp_path, capsys):
    (tmp_path / "no.gguf").write_bytes(b"no such format at all, whatever the name says")
    for name, message in (("no.gguf", "cannot be read"), ("none.gguf", "no such file")):
        command = ["import", f"gguf:{tmp_path / name}", "--out", str(tmp_path / "out")]
        assert main(command) == 3
        assert message in capsys.readouterr().err
