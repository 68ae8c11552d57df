"""What is special about text families of transformers; test_matrix.py imports all of them."""

import json

import pytest
import tiny_text
import torch
from consilience_export import build, card, masks, verify
from consilience_export.architectures.text_families import FAMILIES
from consilience_export.errors import ExportError, UsageError
from consilience_export.importing import import_model
from consilience_export.job import Job
from consilience_export.options import ImportOptions
from consilience_export.sources import hub
from consilience_export.spec import parse
from consilience_export.torchscript import graph_lint, trace

KINDS = list(tiny_text.CONFIGURATIONS)
CAUSAL = [kind for kind in KINDS if FAMILIES[kind].causal]
WINDOWED = [kind for kind in KINDS if FAMILIES[kind].window]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Saves a family when it is first asked for; tests that change a folder make their own."""
    saved = {}

    def folder(kind):
        if kind not in saved:
            saved[kind] = tiny_text.save(kind, tmp_path_factory.mktemp(kind))
        return saved[kind]

    return folder


def job(folder, **options):
    return Job("tiny", parse(f"hf:{folder}"), ImportOptions(**options))


def imported(folder, out, twins=0, **options):
    """The packages, their cards and artefacts."""
    out.mkdir(exist_ok=True)
    made = list(import_model(job(folder, **options), twins, out))
    return [(json.loads((f / "card.json").read_text()), trace.load(f / "model.ts")) for f in made]


def test_the_table_has_a_tiny_one_of_every_family():
    assert set(KINDS) == set(FAMILIES)


@pytest.mark.parametrize("kind", CAUSAL)
def test_log_likelihood_is_that_of_plain_logits(kind, folders):
    encoder = build.load(job(folders(kind)))
    text = torch.tensor([5, 9, 33, 12, 7])
    with torch.no_grad():
        logits = encoder.original(text[None]).logits[0].double()
    want = -logits.log_softmax(1)[range(4), text[1:]].sum()
    got = encoder.module(text[None], torch.ones_like(text)[None])[-1][0]
    assert got[0].item() == pytest.approx(want.item(), rel=1e-5) and got[1] == 4
    assert encoder.reference(text[:1])[1].tolist() == [0, 0]


@pytest.mark.parametrize("kind", WINDOWED)
def test_a_forgotten_window_is_refused(kind, folders, tmp_path, monkeypatch):
    make = "causal" if FAMILIES[kind].masks == "causal" else "each_way"
    honest = getattr(masks, make)
    monkeypatch.setattr(masks, make, lambda mask, dtype, window=None: honest(mask, dtype))
    with pytest.raises(ExportError, match="layer block_[01]: artefact differs"):
        imported(folders(kind), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_forgotten_softcap_or_bias_is_refused(folders, tmp_path, monkeypatch):
    for kind, attribute, value in (("gemma2", "softcap", 0.0), ("phi", "bias", None)):
        encoder = build.load(job(folders(kind)))
        setattr(encoder.module.head, attribute, value)
        trace.save(encoder, tmp_path / "model.ts")
        with pytest.raises(ExportError, match="layer scalars: artefact differs"):
            verify.measure(encoder, trace.load(tmp_path / "model.ts"))


@pytest.mark.parametrize("dtype", ["bf16", "f16"])
@pytest.mark.parametrize("kind", ["bert", "qwen3", "gemma2", "t5"])
def test_half_precision_keeps_its_bound(kind, dtype, folders, tmp_path):
    ((content, module),) = imported(folders(kind), tmp_path / "out", dtype=dtype)
    assert content["identity"]["dtype"] == dtype
    assert float(content["identity"]["error_bound"]["relative"]) < 0.04
    ids = torch.tensor([[9, 10, 11]])
    assert {out.dtype for out in module(ids, torch.ones_like(ids))} == {torch.float32}


def test_the_bound_of_half_precision_is_that_of_the_whole_network(folders):
    whole = card.error_bound(build.load(job(folders("bert"), dtype="bf16")))
    last = card.error_bound(build.load(job(folders("bert"), dtype="bf16", layers="last")))
    assert whole == last and float(last["relative"]) == pytest.approx(4 * 2**-8 * 6**0.5, rel=1e-2)


def test_choices_of_layers_poolings_and_length(folders, tmp_path):
    chosen = {"layers": "last", "poolings": ("mean_without_first", "max"), "max_tokens": 9}
    ((content, module),) = imported(folders("llama"), tmp_path / "out", **chosen)
    identity = content["identity"]
    assert [layer["name"] for layer in identity["layers"]] == ["final_norm"]
    assert identity["poolings"] == ["mean_without_first", "max"]
    assert identity["tokens"]["max_tokens"] == 9
    ids = torch.tensor([[9, 10, 11]])
    assert [tuple(out.shape) for out in module(ids, torch.ones_like(ids))] == [(1, 2, 24), (1, 2)]
    with pytest.raises(UsageError, match="--pool middle"):
        build.load(job(folders("bert"), poolings=("middle",)))


def test_texts_are_no_longer_than_the_context(folders):
    assert build.load(job(folders("roberta"), max_tokens=500)).tokens["max_tokens"] == 158
    assert build.load(job(folders("clip_text_model"))).tokens["max_tokens"] == 77
    assert build.load(job(folders("bloom"), max_tokens=500)).tokens["max_tokens"] == 500


def test_siglip_sees_its_padding(folders):
    """It was trained on texts padded to the context: every pooling is over all of it."""
    encoder = build.load(job(folders("siglip_text_model")))
    assert encoder.tokens["padded_to"] == 40
    text = torch.tensor([9, 10, 11])
    padded = torch.cat([text, torch.zeros(37, dtype=torch.long)])
    with torch.no_grad():
        want = encoder.original(padded[None]).last_hidden_state[0, -1]
        got = encoder.module(text[None], torch.ones_like(text)[None])[-1][0, 1]
    torch.testing.assert_close(got, want)


def test_twins_of_a_folder(folders, tmp_path):
    trained, twin = imported(folders("modernbert"), tmp_path / "out", twins=1)
    assert twin[0]["identity"]["weights"]["kind"] == "random"
    assert "source_sha256" not in twin[0]["identity"]["description"]
    assert trained[0]["identity"]["tensors_sha256"] != twin[0]["identity"]["tensors_sha256"]
    assert graph_lint.problems(twin[1]) == []


def test_a_checkpoint_without_its_language_head_has_no_scalars(tmp_path):
    import transformers

    folder = tmp_path / "headless"
    tiny_text.save("qwen2", folder)
    transformers.Qwen2Model.from_pretrained(folder).save_pretrained(folder)
    encoder = build.load(job(folder))
    assert encoder.scalars == [] and type(encoder.original).__name__ == "Qwen2Model"


def test_the_origin_is_hashed_without_the_path(folders):
    encoder = build.load(job(folders("bert")))
    identity = card.build_identity("tiny", encoder)
    assert str(folders("bert")) not in json.dumps(identity)
    assert hub.weight_files(hub.Place(folders("bert")))[0].name == "model.safetensors"
