"""What models/zoo/*.toml says is well formed, and true of the networks that it names.

Every network is made without weights and counted: a third of them a run, another third every day,
all with CONSILIENCE_ZOO_TESTS=all.
"""

import functools
import json
import os
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
import torch
from consilience_export import spec, zoo
from consilience_export.errors import ExportError, UsageError

ROOT = Path(__file__).resolve().parents[3]
CONFIGS = ROOT / "models" / "zoo" / "configs"
ZOO = zoo.load()
HUB = [m for m in ZOO.models.values() if "import" in m.facts and not m.checkpoint]


def chosen(network: str) -> bool:
    """Whether a network's turn is today."""
    if os.environ.get("CONSILIENCE_ZOO_TESTS") == "all":
        return True
    return zlib.crc32(network.encode()) % 3 == int(time.time() // 86400) % 3


@functools.cache
def timm_numbers(architecture: str) -> dict[str, int]:
    import timm

    with torch.device("meta"):
        network = timm.create_model(architecture, pretrained=False, num_classes=0)
    if hasattr(network, "blocks"):
        blocks = len(network.blocks)
    else:
        blocks = sum(len(stage.blocks) for stage in network.stages)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return {"parameters": parameters, "layers": blocks, "width": network.num_features}


def transformers_numbers(row: dict) -> dict[str, object]:
    import transformers

    network = getattr(transformers, row["network"])
    config = network.config_class(**row["values"])
    with torch.device("meta"):
        parameters = sum(parameter.numel() for parameter in network(config).parameters())
    return {
        "parameters": parameters,
        "layers": config.num_hidden_layers,
        "width": config.hidden_size,
        "checked": f"transformers 5.24 {type(config).__name__} at the published values",
    }


def wrong(model: zoo.ZooModel, found: dict[str, object]) -> list[str]:
    """What an entry says that is not so."""
    return [
        f"{model.name}: {key} = {model.facts.get(key)!r}, found {value!r}"
        for key, value in found.items()
        if model.facts.get(key) != value
    ]


def timm_models() -> list[zoo.ZooModel]:
    return [m for m in HUB if m.facts["import"].startswith("timm:")]


def wrong_timm_entries(models: list[zoo.ZooModel]) -> list[str]:
    from timm.models import get_pretrained_cfg

    found = []
    for model in models:
        name = spec.parse(model.facts["import"]).where
        found += wrong(model, timm_numbers(name.split(".")[0]))
        found += wrong(model, {"checked": "timm 1.0.31 configuration"})
        if model.facts["licence"].lower() != get_pretrained_cfg(name).license:
            found.append(f"{model.name}: licence, found {get_pretrained_cfg(name).license}")
    return found


def config_rows() -> list[dict]:
    return [row for file in sorted(CONFIGS.glob("*.json")) for row in json.loads(file.read_text())]


def test_timm_entries_are_true():
    models = [m for m in timm_models() if chosen(m.facts["import"].split(".")[0])]
    assert models
    assert wrong_timm_entries(models) == []


def test_transformers_entries_are_true():
    rows = [row for row in config_rows() if chosen(row["models"][0])]
    assert rows
    found = []
    for row in rows:
        numbers = transformers_numbers(row)
        for name in row["models"]:
            found += wrong(ZOO.models[name], numbers)
    assert found == []


@pytest.mark.parametrize("key", ["parameters", "layers", "width", "licence", "checked"])
def test_a_wrong_entry_is_found(key):
    right = ZOO.models["vit_tiny_patch16_224.augreg_in21k"]
    value = "MIT" if key in ("licence", "checked") else right.facts[key] + 1
    entry = zoo.ZooModel(right.name, "", right.family, right.facts | {key: value})
    assert wrong_timm_entries([right]) == []
    assert len(wrong_timm_entries([entry])) == 1 and key in wrong_timm_entries([entry])[0]


def test_every_number_of_the_hub_is_checked_somewhere():
    rows = [name for row in config_rows() for name in row["models"]]
    assert len(rows) == len(set(rows))
    others = {m.name for m in HUB} - {m.name for m in timm_models()}
    unverified = {m.name for m in HUB if m.facts["checked"] == "unverified"}
    assert others - unverified == set(rows)
    for name in unverified:
        assert not {"parameters", "layers", "width"} & set(ZOO.models[name].facts)


def test_a_name_is_that_of_its_import():
    for model in HUB:
        own = spec.parse(model.facts["import"]).name
        assert model.name == own or model.name.startswith(f"{own}.")
    for model in ZOO.models.values():
        if model.checkpoint:
            assert model.name == spec.parse(model.facts["import"]).name


def test_the_platonic_zoo():
    prh = ZOO.select([], ["prh"], False, False)
    assert sum(m.facts["import"].startswith("hf:") for m in prh) == 12
    assert sum(m.facts["import"].startswith("timm:") for m in prh) == 17
    assert ZOO.families["prh-fig3"] == ZOO.families["prh"]
    assert ZOO.families["prh-fig2"] == ZOO.families["prh"][12:]
    assert len(ZOO.families["prh-fig4"]) == 20 + 1
    assert ZOO.families["prh-fig4"][:12] == ZOO.families["prh"][:12]


def test_checkpoints():
    models = [m for m in ZOO.models.values() if m.facts.get("checkpoint_of") == "pythia-160m"]
    assert len(models) == 154
    early = ZOO.models["pythia-160m.step512"]
    assert early.facts["import"] == "hf:EleutherAI/pythia-160m@step512"
    assert early.facts["pretraining_tokens"] == 512 * 2**21
    last, base = ZOO.models["pythia-160m.step143000"], ZOO.models["pythia-160m"]
    assert last.facts["pretraining_tokens"] == base.facts["pretraining_tokens"]
    steps = ZOO.select([], ["pythia-160m-steps"], False, False)
    assert steps[0].facts["pretraining_step"] == 0 and steps[-1].name == last.name
    assert not any(m.checkpoint for m in ZOO.select([], [], True, True))


def test_variants_pair():
    instruct = ZOO.models["qwen2.5-7b-instruct"].facts
    assert (instruct["variant"], instruct["variant_of"]) == ("instruct", "qwen2.5-7b")
    for model in HUB:
        base = ZOO.models[model.facts.get("variant_of", model.name)].facts
        assert base.get("layers") == model.facts.get("layers"), model.name


def test_a_description():
    row = ZOO.models["llama-2-7b-hf"].describe()
    assert row["name"] == "llama-2-7b-hf" and row["family"] == "Llama"
    assert row["gated"] is True and row["licence"] == "llama2" and row["layers"] == 32


def test_the_table_is_up_to_date():
    command = [sys.executable, ROOT / "tools" / "dev" / "zoo_table.py", "--check"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


HEAD = 'name = "f"\ntitle = "F"\nmodels = ["m"]\n'
ENTRY = """
[model.m]
import = "hf:o/m"
revision = "unverified"
licence = "MIT"
checked = "unverified"
"""
STEPS = '[checkpoints]\nmodels = ["m"]\nrevision = "step{step}"\ntokens_per_step = 2\n'


@pytest.mark.parametrize(
    "text, message",
    [
        ("models = [", "not valid TOML"),
        (HEAD.replace('"f"', '"g"') + ENTRY, "name 'g': expected that of the file"),
        (HEAD.replace("title", "tilte") + ENTRY, "unknown key 'tilte'; did you mean 'title'"),
        (HEAD.replace('["m"]', '["mm"]') + ENTRY, "'mm' is described nowhere; did you mean 'm'"),
        (HEAD.replace('["m"]', '["m", "m"]') + ENTRY, "twice"),
        (HEAD + ENTRY + "widht = 3\n", "model 'm': unknown key 'widht'; did you mean 'width'"),
        (HEAD + ENTRY + "width = 0\n", "width = 0: expected a positive number"),
        (HEAD + ENTRY + "parameters = 0\n", "parameters = 0: expected a positive number"),
        (HEAD + ENTRY + "layers = true\n", "layers = True: expected a value of type int"),
        (HEAD + ENTRY + 'parameters = "7B"\n', "parameters = '7B': expected a value of type int"),
        (HEAD + ENTRY + 'loader = "x"\n', "either import"),
        (HEAD + ENTRY + 'variant = "chat"\n', "variant 'chat'"),
        (HEAD + ENTRY + 'variant_of = "m"\n', "variant_of is for the variants"),
        (HEAD + ENTRY + 'variant = "instruct"\nvariant_of = "mm"\n', "'mm' is described nowhere"),
        (HEAD + ENTRY + 'released = "spring"\n', "released 'spring'"),
        (HEAD + ENTRY.replace('licence = "MIT"\n', ""), "licence is missing"),
        (HEAD + ENTRY.replace('checked = "unverified"\n', ""), "checked is missing"),
        (
            HEAD + ENTRY.replace("hf:o/m", "hub:o/m"),
            "model 'm': import = 'hub:o/m': expected timm:, hf:,",
        ),
        (HEAD + ENTRY.replace("hf:o/m", "hf:o/m@abc"), "expected that of import, 'abc'"),
        (HEAD + ENTRY.replace("[model.m]", '[model."M!"]'), "a-z, 0-9"),
        (HEAD + ENTRY + STEPS + "steps = [2, 1]\n", "steps"),
        (HEAD + ENTRY + STEPS, "checkpoints: steps is missing"),
        (HEAD + ENTRY + STEPS.replace("{step}", "") + "steps = [1]\n", "expected {step} in it"),
        (HEAD + ENTRY + STEPS.replace('["m"]', '["x"]') + "steps = [1]\n", "'x': no hub model"),
    ],
)
def test_a_file_that_is_wrong_is_refused(tmp_path, text, message):
    (tmp_path / "f.toml").write_text(text)
    with pytest.raises(ExportError) as refusal:
        zoo.load(tmp_path)
    assert message in str(refusal.value) and "f.toml" in str(refusal.value)
    assert "\n" not in str(refusal.value) or message == "not valid TOML"


def test_a_model_described_twice_is_refused(tmp_path):
    (tmp_path / "f.toml").write_text(HEAD + ENTRY)
    (tmp_path / "g.toml").write_text(HEAD.replace('"f"', '"g"') + ENTRY)
    with pytest.raises(ExportError, match="g.toml: model 'm' is described twice"):
        zoo.load(tmp_path)


def test_names_that_nobody_knows():
    with pytest.raises(UsageError, match="no model 'pythia-160'.*did you mean 'pythia-160m"):
        ZOO.select(["pythia-160"], [], False, False)
    with pytest.raises(UsageError, match="no family 'prh-fig9'"):
        ZOO.select([], ["prh-fig9"], False, False)
