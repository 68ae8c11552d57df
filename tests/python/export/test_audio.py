"""Encoders of waveforms: layers, receptive field, equality with the original at any length."""

import json

import pytest
import torch
from consilience_export import errors, verify
from consilience_export.architectures import audio
from consilience_export.errors import ExportError
from consilience_export.job import Job
from consilience_export.options import ImportOptions
from consilience_export.samples import batches_for
from consilience_export.sources import hf, hf_audio
from consilience_export.sources.hub import Place
from consilience_export.spec import Spec
from consilience_export.torchscript import trace
from transformers import (
    Data2VecAudioConfig,
    Data2VecAudioModel,
    HubertConfig,
    HubertModel,
    Wav2Vec2Config,
    Wav2Vec2ForPreTraining,
    Wav2Vec2Model,
)

SIZES = {
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 40,
    "conv_dim": [12, 16, 20],
    "conv_kernel": [10, 3, 2],
    "conv_stride": [5, 2, 2],
    "num_feat_extract_layers": 3,
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
    "vocab_size": 8,
}
QUANTISER = {
    "num_codevectors_per_group": 4,
    "codevector_dim": 8,
    "proj_codevector_dim": 8,
}
PRE_NORM = {"do_stable_layer_norm": True, "feat_extract_norm": "layer"}
NETWORKS = {
    "wav2vec2": (Wav2Vec2Model, Wav2Vec2Config, {}),
    "wav2vec2-pre-norm": (Wav2Vec2Model, Wav2Vec2Config, PRE_NORM),
    "hubert": (HubertModel, HubertConfig, {}),
    "hubert-pre-norm": (HubertModel, HubertConfig, PRE_NORM),
    "data2vec-audio": (
        Data2VecAudioModel,
        Data2VecAudioConfig,
        {"num_conv_pos_embeddings": 3, "conv_pos_kernel_size": 5},
    ),
}
HEARING = audio.Hearing(rate=1000, unit=True)


def network(name):
    torch.manual_seed(5)
    kind, configuration, more = NETWORKS[name]
    return kind(configuration(**(SIZES | more))).eval()


def saved(encoder, tmp_path):
    path = tmp_path / "model.ts"
    trace.save(encoder, path)
    return trace.load(path)


def test_layers_say_what_they_are():
    post = audio.encoder(network("wav2vec2"), HEARING, {}).layers
    assert [(layer.name, layer.width, layer.kind, layer.normed) for layer in post] == [
        ("convolutions", 20, "embedding", False),
        ("embedding", 24, "embedding", True),
        ("block_0", 24, "block", True),
        ("block_1", 24, "block", True),
    ]
    pre = audio.encoder(network("hubert-pre-norm"), HEARING, {}).layers
    assert [layer.normed for layer in pre] == [False, False, False, False, True]
    assert pre[-1].kind == "final_norm"


def test_the_shortest_waveform_is_the_receptive_field(tmp_path):
    assert audio.receptive_field([10, 3, 3, 3, 3, 2, 2], [5, 2, 2, 2, 2, 2, 2]) == 400
    encoder = audio.encoder(network("wav2vec2"), HEARING, {})
    shortest = encoder.audio["min_samples"]
    assert min(batch.arguments[0].size(1) for batch in batches_for(encoder)) == shortest == 30
    module = saved(encoder, tmp_path)
    assert module(torch.randn(1, shortest))[0].shape == (1, 1, 20)
    with pytest.raises(RuntimeError):
        module(torch.randn(1, shortest - 1))


def test_rows_of_a_batch_do_not_see_each_other(tmp_path):
    module = saved(audio.encoder(network("wav2vec2"), HEARING, {}), tmp_path)
    sound = torch.randn(3, 500)
    together, alone = module(sound), module(sound[1:2])
    for a, b in zip(together, alone, strict=True):
        torch.testing.assert_close(a[1:2], b, rtol=1e-5, atol=1e-6)


def test_a_fault_in_one_layer_is_refused_and_named(tmp_path, monkeypatch):
    encoder = audio.encoder(network("hubert"), HEARING, {})
    last = encoder.original.encoder.layers[-1]
    honest = audio.AudioEncoder._on_output

    def faulty(self, module, inputs, output):
        return honest(self, module, inputs, output * 1.01 if module is last else output)

    monkeypatch.setattr(audio.AudioEncoder, "_on_output", faulty)
    encoder = audio.encoder(encoder.original, HEARING, {})
    with pytest.raises(ExportError, match="layer block_1: artefact differs"):
        verify.measure(encoder, saved(encoder, tmp_path))


def test_an_adapter_is_refused():
    kind, configuration, _ = NETWORKS["wav2vec2"]
    adapted = kind(configuration(**SIZES, add_adapter=True, output_hidden_size=24)).eval()
    with pytest.raises(ExportError, match="adapter"):
        audio.encoder(adapted, HEARING, {})


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "wav2vec2"
    network("wav2vec2").save_pretrained(place)
    settings = {"sampling_rate": 16000, "do_normalize": False}
    (place / "preprocessor_config.json").write_text(json.dumps(settings))
    return place


def load(place, **options):
    job = Job("ear", Spec("hf", str(place)), ImportOptions(**options))
    return hf_audio.load(job, Place(place))


def test_a_folder_says_what_its_model_hears(folder):
    assert load(folder).audio == {
        "sample_rate": 16000,
        "min_samples": 30,
        "max_samples": 480000,
        "normalise": "none",
        "implementation": "soxr-vhq",
    }


def test_a_pretraining_checkpoint_gives_its_network(folder):
    torch.manual_seed(6)
    whole = Wav2Vec2ForPreTraining(Wav2Vec2Config(**SIZES, **QUANTISER)).eval()
    whole.save_pretrained(folder)
    sound = torch.randn(1, 200)
    with torch.no_grad():
        want = whole.wav2vec2(sound).last_hidden_state.mean(1)
        got = load(folder).module(sound)[-1][:, 0]
    torch.testing.assert_close(got, want)


def test_hf_knows_the_families(folder):
    job = Job("ear", Spec("hf", str(folder)), ImportOptions())
    assert hf.load(job).modality == "audio"


def test_a_folder_without_a_rate_is_refused(folder):
    settings = folder / "preprocessor_config.json"
    settings.write_text("{}")
    with pytest.raises(ExportError, match="expected a rate in Hz, found None"):
        load(folder)
    settings.unlink()
    with pytest.raises(ExportError, match=r"preprocessor_config\.json: no such file"):
        load(folder)


def test_what_a_model_that_listens_cannot_have(folder):
    with pytest.raises(errors.UsageError, match="kept in f32"):
        load(folder, dtype="bf16")
    with pytest.raises(errors.UsageError, match="no first"):
        load(folder, poolings=("first",))
