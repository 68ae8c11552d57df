"""Clean tokenizers and token packs."""

import json

import numpy as np
import pytest
import tiny
from consilience_export import tokenizer
from consilience_export.cli import main
from consilience_export.token_pack import kept_bytes
from safetensors.numpy import load_file
from tokenizers import Tokenizer, models, pre_tokenizers, trainers


@pytest.fixture
def files(tmp_path):
    path = tmp_path / "tokenizer.json"
    path.write_bytes(tokenizer.serialised(tokenizer.clean(tiny.word_tokenizer())))
    return path, tmp_path / "captions.json", tmp_path / "pack.safetensors"


def pack(files, captions, *more):
    files[1].write_text(captions if isinstance(captions, str) else json.dumps(captions))
    command = ["tokenize", "--tokenizer", files[0], "--captions", files[1], "--out", files[2]]
    return main([str(part) for part in [*command, *more]])


def test_packaged_tokenizers_lose_padding_and_truncation():
    baked = tiny.word_tokenizer()
    assert len(baked.encode("w5").ids) == 128
    cleaned = tokenizer.clean(baked)
    assert cleaned.encode("w5").ids == [2, 5, 3]
    assert len(cleaned.encode("w5 " * 300).ids) == 302
    content = json.loads(tokenizer.serialised(cleaned))
    assert content["padding"] is None and content["truncation"] is None
    assert len(baked.encode("w5").ids) == 128


def test_pack_layout(files):
    assert pack(files, ["w5 w6", "nüü", "w7 w8 w9"]) == 0
    arrays = load_file(files[2])
    assert {k: v.dtype for k, v in arrays.items()} == {
        "ids": np.int32,
        "offsets": np.int64,
        "bytes": np.int64,
        "truncated": np.uint8,
    }
    assert arrays["ids"].tolist() == [2, 5, 6, 3, 2, 1, 3, 2, 7, 8, 9, 3]
    assert arrays["offsets"].tolist() == [0, 4, 7, 12]
    assert arrays["bytes"].tolist() == [5, 5, 8]
    assert arrays["truncated"].tolist() == [0, 0, 0]


def test_truncation_keeps_the_special_tokens(files):
    assert pack(files, ["w5 w6 w7 w8"], "--max-tokens", "4") == 0
    assert load_file(files[2])["ids"].tolist() == [2, 5, 6, 3]


def test_a_cut_caption_is_marked_and_counts_the_bytes_that_are_left(files):
    assert pack(files, ["w5 w6 w7 w8", "w5 w6", "nüü w6 w7"], "--max-tokens", "4") == 0
    arrays = load_file(files[2])
    assert arrays["truncated"].tolist() == [1, 0, 1]
    assert arrays["bytes"].tolist() == [len("w5 w6"), len("w5 w6"), len("nüü w6".encode())]


@pytest.fixture(scope="module")
def byte_level():
    """A byte-level BPE whose tokens often end inside a character."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet)
    made.train_from_iterator(["the cat sat on the mat 北京 größe"] * 5, trainer)
    return made


@pytest.mark.parametrize("text", ["the cat 京都 ist größer € 🙂 und", "🙂🙂a", "é"])
def test_bytes_are_right_where_the_cut_falls_inside_a_character(byte_level, text):
    for length in range(1, len(text.encode()) + 2):
        byte_level.enable_truncation(length)
        encoding = byte_level.encode(text)
        # A letter of a byte-level token is a byte.
        assert kept_bytes(text, encoding) == sum(len(token) for token in encoding.tokens)
    byte_level.no_truncation()


def test_bytes_of_byte_fallback_tokens():
    """Sentencepiece writes an unknown character as <0x..> tokens."""
    vocabulary = {"<unk>": 0, "a": 1} | {f"<0x{byte:02X}>": byte + 2 for byte in range(256)}
    made = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>", byte_fallback=True))
    made.enable_truncation(3)
    assert kept_bytes("a🙂a", made.encode("a🙂a")) == 3


@pytest.mark.parametrize(
    ("captions", "message"),
    [
        ("[1, 2", "cannot be read as JSON"),
        ('{"a": 1}', "expected a JSON list"),
        ('["a", 7]', "entry 1: expected a string, found int"),
    ],
)
def test_bad_captions_end_with_3_and_write_nothing(files, capsys, captions, message):
    assert pack(files, captions) == 3
    assert message in capsys.readouterr().err
    assert not files[2].exists() and len(list(files[2].parent.iterdir())) == 2


def test_a_caption_without_tokens_is_named(files, capsys):
    files[0].write_bytes(tokenizer.serialised(tokenizer.clean(tiny.word_tokenizer(special=False))))
    assert pack(files, ["w5", ""]) == 3
    assert "row 1: the caption '' has no tokens" in capsys.readouterr().err


def test_missing_or_wrong_tokenizer(files, capsys):
    files[0].write_text("no")
    assert pack(files, ["w5"]) == 3
    assert "not a tokenizer.json" in capsys.readouterr().err
    assert pack(files, ["w5"], "--max-tokens", "two") == 2
