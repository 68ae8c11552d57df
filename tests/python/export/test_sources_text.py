"""Folders, names and files that text models come in: sentence encoders, tokenizers, bad input."""

import json
import shutil

import pytest
import tiny_text
import torch
from consilience_export import build
from consilience_export.cli import main
from consilience_export.errors import ExportError, TransientError, UsageError
from consilience_export.importing import import_model
from consilience_export.job import Job
from consilience_export.options import ImportOptions
from consilience_export.sources import hub, tokenizer_files
from consilience_export.spec import parse
from safetensors.torch import load_file, save_file


def job(spec, **options):
    return Job("tiny", parse(spec), ImportOptions(**options))


@pytest.fixture
def folder(tmp_path):
    return tiny_text.save("bert", tmp_path / "model")


def write(path, content):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))


def sentence_folder(folder, pooling, dense=True):
    """As sentence-transformers saves one: pooling, a dense layer with tanh, unit length."""
    kinds = ["Transformer", "Pooling", *(["Dense", "Normalize"] if dense else [])]
    paths = ["", "1_Pooling", "2_Dense", "3_Normalize"]
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (kind, path) in enumerate(zip(kinds, paths, strict=False))
    ]
    write(folder / "modules.json", modules)
    write(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": 24} | pooling)
    write(folder / "sentence_bert_config.json", {"max_seq_length": 100, "do_lower_case": False})
    write(folder / "config_sentence_transformers.json", {"prompts": {"query": "query: "}})
    if dense:
        activation = "torch.nn.modules.activation.Tanh"
        sizes = {"in_features": 24, "out_features": 10, "bias": True}
        write(folder / "2_Dense" / "config.json", sizes | {"activation_function": activation})
        torch.manual_seed(3)
        tensors = {"linear.weight": torch.randn(10, 24), "linear.bias": torch.randn(10)}
        save_file(tensors, folder / "2_Dense" / "model.safetensors")
    return folder


def test_a_sentence_encoder_keeps_its_pooling_and_what_follows(folder, tmp_path):
    sentence_folder(folder, {"pooling_mode_max_tokens": True, "pooling_mode_cls_token": False})
    (tmp_path / "out").mkdir()
    trained, twin = import_model(job(f"st:{folder}"), 1, tmp_path / "out")
    identity = json.loads((trained / "card.json").read_text())["identity"]
    assert identity["poolings"] == ["first", "last", "mean", "max"]
    assert identity["layers"][-1] == {
        "name": "sentence",
        "width": 10,
        "kind": "sentence",
        "normed": True,
    }
    assert identity["tokens"]["max_tokens"] == 100
    described = identity["description"]["sentence"]
    assert described["poolings"] == ["max"] and described["prompts"] == {"query": "query: "}
    assert "2_Dense/model.safetensors" in identity["description"]["source_sha256"]
    random = json.loads((twin / "card.json").read_text())["identity"]
    assert random["layers"] == identity["layers"] and random["weights"]["kind"] == "random"
    assert random["tensors_sha256"] != identity["tensors_sha256"]


def test_the_sentence_layer_by_hand(folder):
    sentence_folder(folder, {"pooling_mode_max_tokens": True})
    encoder = build.load(job(f"st:{folder}"))
    tensors = load_file(folder / "2_Dense" / "model.safetensors")
    ids = torch.tensor([[2, 9, 10, 3]])
    with torch.no_grad():
        blocks = encoder.original.network(ids).last_hidden_state[0]
        top = blocks.max(0).values
        dense = torch.tanh(tensors["linear.weight"] @ top + tensors["linear.bias"])
        got = encoder.module(ids, torch.ones_like(ids))[-1][0, 3]
    torch.testing.assert_close(got, dense / dense.norm())


@pytest.mark.parametrize("layers", ["sentence", "block_1", "block_0,sentence"])
def test_the_sentence_layer_stands_without_its_base(folder, tmp_path, layers):
    sentence_folder(folder, {"pooling_mode": "mean"})
    (tmp_path / "out").mkdir()
    (made,) = import_model(job(f"st:{folder}", layers=layers), 0, tmp_path / "out")
    layers_kept = json.loads((made / "card.json").read_text())["identity"]["layers"]
    assert ",".join(layer["name"] for layer in layers_kept) == layers


def test_pooling_alone_adds_no_layer(folder):
    sentence_folder(folder, {"pooling_mode_lasttoken": True}, dense=False)
    encoder = build.load(job(f"st:{folder}", poolings=("mean",)))
    assert encoder.poolings == ["mean", "last"]
    assert [layer.kind for layer in encoder.layers] == ["embedding", "block", "block"]


def test_lower_case_comes_before_the_tokenizer(folder):
    sentence_folder(folder, {"pooling_mode": "mean"}, dense=False)
    write(folder / "sentence_bert_config.json", {"do_lower_case": True})
    assert build.load(job(f"st:{folder}")).tokenizer.encode("W5 w6").ids == [2, 5, 6, 3]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: (f / "modules.json").unlink(), "no modules.json there"),
        (lambda f: write(f / "modules.json", [{"type": "x.BoW", "path": ""}]), "found BoW"),
        (lambda f: write(f / "1_Pooling" / "config.json", {"pooling_mode": "median"}), "median"),
        (
            lambda f: write(f / "1_Pooling" / "config.json", {"pooling_mode": ["cls", "mean"]}),
            "first and mean side by side",
        ),
        (lambda f: (f / "2_Dense" / "model.safetensors").unlink(), "2_Dense: no weights there"),
        (
            lambda f: write(f / "2_Dense" / "config.json", {"in_features": 24, "out_features": 9}),
            "does not fit its configuration",
        ),
    ],
)
def test_what_is_no_sentence_encoder_is_told(folder, change, message):
    sentence_folder(folder, {"pooling_mode": "mean"})
    change(folder)
    with pytest.raises(ExportError, match=message):
        build.load(job(f"st:{folder}"))


def edit_tensors(folder, change):
    file = folder / "model.safetensors"
    tensors = load_file(file)
    change(tensors)
    save_file(tensors, file, metadata={"format": "pt"})


def edit_config(folder, **values):
    file = folder / "config.json"
    write(file, json.loads(file.read_text()) | values)


def cut(folder):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])


BAD = [
    (lambda f: (f / "config.json").unlink(), "config.json: no such file"),
    (lambda f: (f / "config.json").write_text("{"), "cannot be read as JSON"),
    (lambda f: edit_config(f, model_type="mystery"), "no family 'mystery'; there are: .*bert"),
    (
        lambda f: edit_config(f, model_type="mystery", auto_map={"AutoModel": "x.Y"}),
        "Python code of its own, which is never run",
    ),
    (lambda f: (f / "model.safetensors").unlink(), "no weights there"),
    (cut, "cannot be read"),
    (
        lambda f: edit_tensors(f, lambda t: t.pop("encoder.layer.1.output.dense.bias")),
        "the files lack encoder.layer.1.output.dense.bias",
    ),
    (
        lambda f: edit_tensors(f, lambda t: t.update({"encoder.layer.7.x": torch.ones(2)})),
        "the configuration knows no encoder.layer.7.x",
    ),
    (lambda f: edit_config(f, intermediate_size=48), "other shapes than the configuration says"),
    (lambda f: (f / "tokenizer.json").unlink(), "no tokenizer.json there, and no vocabulary"),
    (lambda f: (f / "tokenizer.json").write_text("no"), "not a tokenizer.json"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_what_is_no_model_is_told_in_one_line(folder, tmp_path, capsys, change, message):
    change(folder)
    out = tmp_path / "out"
    assert main(["import", f"hf:{folder}", "--out", str(out)]) == 3
    error = capsys.readouterr().err.strip().splitlines()[-1]
    with pytest.raises(ExportError, match=message):
        raise ExportError(error)
    assert [path.name for path in out.iterdir()] == [".import.lock"]


def test_a_tokenizer_of_another_model_is_refused(folder, tmp_path):
    tiny_text.save("bert", tmp_path / "smaller", vocab_size=60)
    shutil.copy(folder / "tokenizer.json", tmp_path / "smaller")
    with pytest.raises(ExportError, match="ids up to 63, the model has 60 rows"):
        build.load(job(f"hf:{tmp_path / 'smaller'}"))


def test_slow_vocabularies_are_converted(folder):
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{i}" for i in range(5, 64))]
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    tokens = tokenizer_files.load(folder)
    assert tokens.encode("w5 w6").ids == [2, 5, 6, 3]


def test_flags_for_bos_and_eos_go_before_the_file(folder):
    settings = {"bos_token": "[CLS]", "eos_token": {"content": "[SEP]"}, "add_bos_token": True}
    write(folder / "tokenizer_config.json", settings | {"add_eos_token": False})
    encoder = build.load(job(f"hf:{folder}"))
    assert encoder.tokens["special_tokens"] == "[CLS] x"
    assert encoder.tokens["bos"] is True and encoder.tokens["eos"] is False


def test_a_model_without_padding_says_what_stands_in(tmp_path):
    folder = tiny_text.save("gpt2", tmp_path / "model")
    (folder / "tokenizer_config.json").unlink()
    tokens = build.load(job(f"hf:{folder}")).tokens
    assert tokens["padding_id"] == 3
    assert tokens["padding"] == "the model has none: its end of text, which the mask hides"


def test_shards_are_read_and_a_missing_one_is_named(tmp_path):
    folder = tmp_path / "sharded"
    tiny_text.save("bert", folder)
    model = tiny_text.network("bert")
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="20KB")
    encoder = build.load(job(f"hf:{folder}"))
    assert len(encoder.origin["source_sha256"]) > 1
    sorted(folder.glob("*.safetensors"))[0].unlink()
    with pytest.raises(ExportError, match="lists weights that are not there: model-00001"):
        build.load(job(f"hf:{folder}"))


def test_names_of_the_hub_fail_at_once_with_what_to_download(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(TransientError, match="`hf download some/model --revision v1`"):
        hub.resolve(parse("hf:some/model@v1"))
    with pytest.raises(ExportError, match="no such folder"):
        hub.resolve(parse("hf:./nowhere"))
    with pytest.raises(UsageError, match="a folder has no revisions"):
        hub.resolve(parse(f"hf:{tmp_path}@v1"))


def test_every_refusal_of_the_hub_is_told_apart(monkeypatch, tmp_path):
    import huggingface_hub
    from huggingface_hub import constants, errors

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(hub, "_silent_sites", set())

    def refuse(kind):
        def model_info(*_, **__):
            raise kind.__new__(kind)

        monkeypatch.setattr(huggingface_hub.HfApi, "model_info", model_info)

    for kind, message in (
        (errors.GatedRepoError, "is gated: accept its licence at https://"),
        (errors.RevisionNotFoundError, "the hub has no revision 'v1'"),
        (errors.RepositoryNotFoundError, "no such model on the hub"),
    ):
        refuse(kind)
        with pytest.raises(ExportError, match=message):
            hub.resolve(parse("hf:some/model@v1"))


def test_a_hub_that_does_not_answer_is_waited_for_once(monkeypatch, tmp_path):
    import huggingface_hub
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(hub, "_silent_sites", set())
    asked = []

    def model_info(_self, name, **_):
        asked.append(name)
        raise TimeoutError

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", model_info)
    for name in ("some/model", "some/other"):
        with pytest.raises(TransientError, match=f"{name} is not in the cache"):
            hub.resolve(parse(f"hf:{name}"))
    assert asked == ["some/model"]


def test_a_name_in_the_cache_needs_no_network(monkeypatch, tmp_path):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    commit = "a" * 40
    snapshot = tmp_path / "models--some--model" / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (tmp_path / "models--some--model" / "refs").mkdir()
    (tmp_path / "models--some--model" / "refs" / "main").write_text(commit)
    tiny_text.save("gpt2", snapshot)
    encoder = build.load(job("hf:some/model"))
    assert encoder.origin["source"] == "hf:some/model" and encoder.origin["revision"] == commit


def test_the_language_tower_of_a_model_that_also_sees(tmp_path):
    import transformers

    seeing = {"hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2}
    seeing |= {"intermediate_size": 40, "image_size": 28, "patch_size": 14}
    whole = transformers.Gemma3ForConditionalGeneration(
        transformers.Gemma3Config(
            text_config=tiny_text.CONFIGURATIONS["gemma3_text"],
            vision_config=seeing,
            mm_tokens_per_image=4,
            image_token_id=60,
            boi_token_index=61,
            eoi_token_index=62,
        )
    ).eval()
    folder = tmp_path / "model"
    whole.save_pretrained(folder)
    tiny_text.word_tokenizer(special=False).save(str(folder / "tokenizer.json"))
    with pytest.raises(UsageError, match="#text"):
        build.load(job(f"hf:{folder}"))
    (tmp_path / "out").mkdir()
    (made,) = import_model(job(f"hf:{folder}#text"), 0, tmp_path / "out")
    identity = json.loads((made / "card.json").read_text())["identity"]
    assert identity["scalars"] == ["nll", "tokens"] and len(identity["layers"]) == 4
    encoder = build.load(job(f"hf:{folder}#text"))
    ids = torch.tensor([[9, 10, 11, 12]])
    with torch.no_grad():
        want = whole.model.language_model(ids).last_hidden_state[0, -1]
        got = encoder.module(ids, torch.ones_like(ids))[-2][0, 1]
    torch.testing.assert_close(got, want)


@pytest.mark.parametrize(
    ("kind", "saved_as"),
    [
        ("bert", "BertForPreTraining"),
        ("roberta", "RobertaForMaskedLM"),
        ("deberta-v2", "DebertaV2ForSequenceClassification"),
        ("modernbert", "ModernBertForMaskedLM"),
        ("t5", "T5ForConditionalGeneration"),
        ("llama", "LlamaForSequenceClassification"),
    ],
)
def test_heads_of_a_task_are_left_out(tmp_path, kind, saved_as):
    import transformers

    folder = tiny_text.save(kind, tmp_path / "model")
    chosen = getattr(transformers, saved_as)
    whole = chosen(chosen.config_class(**tiny_text.CONFIGURATIONS[kind])).eval()
    whole.save_pretrained(folder)
    encoder = build.load(job(f"hf:{folder}"))
    assert encoder.scalars == []
    for name, value in encoder.original.state_dict().items():
        assert any(
            other.endswith(name) and torch.equal(value, tensor)
            for other, tensor in whole.state_dict().items()
        ), name


def test_pickled_weights_are_read_without_running_them(folder):
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(tensors, folder / "pytorch_model.bin")
    encoder = build.load(job(f"hf:{folder}"))
    assert list(encoder.origin["source_sha256"]) == ["pytorch_model.bin"]
    torch.save({"x": pytest.approx}, folder / "pytorch_model.bin")
    with pytest.raises(ExportError, match="cannot be read"):
        build.load(job(f"hf:{folder}"))


def test_a_sentencepiece_vocabulary_is_converted(tmp_path):
    import sentencepiece

    folder = tiny_text.save("t5", tmp_path / "model", vocab_size=200)
    (folder / "tokenizer.json").unlink()
    texts = iter(
        ["the cat sat on the mat", "a dog ran over the hill", "rain falls on the roof"] * 9
    )
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=texts,
        model_prefix=str(folder / "spiece"),
        vocab_size=25,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
    )
    tokens = tokenizer_files.load(folder)
    plain = sentencepiece.SentencePieceProcessor(model_file=str(folder / "spiece.model"))
    assert tokens.encode("the cat ran").ids == [*plain.encode("the cat ran"), 1]
    described = build.load(job(f"hf:{folder}")).tokens
    assert described["bos"] is False and described["eos"] is True


def test_an_embedding_model_saved_under_a_causal_name_has_no_scalars(tmp_path):
    folder = tiny_text.save("qwen3", tmp_path / "model", tie_word_embeddings=False)
    assert build.load(job(f"hf:{folder}")).scalars == ["nll", "tokens"]
    edit_tensors(folder, lambda tensors: tensors.pop("lm_head.weight"))
    encoder = build.load(job(f"hf:{folder}"))
    assert encoder.scalars == [] and type(encoder.original).__name__ == "Qwen3Model"
    edit_config(folder, tie_word_embeddings=True)
    assert build.load(job(f"hf:{folder}")).scalars == ["nll", "tokens"]
