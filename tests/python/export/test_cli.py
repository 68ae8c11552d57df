"""The command line: selection, exit codes, one line for every error."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
from consilience_export import zoo
from consilience_export.cli import main
from consilience_export.errors import ExportError
from consilience_export.sources import pypi


def test_the_zoo_describes_what_it_names():
    models = zoo.load()
    assert models.families["demo"] == [
        "efficientnet-lite0",
        "efficientnet-lite1",
        "efficientnet-lite2",
        "dinov2-s",
        "minilm-l3",
        "minilm-l6",
        "smollm2-135m",
    ]
    for model in models.models.values():
        if model.loader:
            assert {"source", "parameters"} <= {*model.facts}
            assert model.loader in pypi.LOADERS
    assert "derived" in models.models["dinov2-s"].facts
    assert models.models["smollm2-135m"].facts["quantised_from"] == "Q4_1"


def names(*arguments):
    return [model.name for model in zoo.load().select(*arguments)]


def test_selection():
    assert names([], ["minilm"], False, False) == ["minilm-l3", "minilm-l6"]
    assert names(["minilm-l6"], ["minilm"], False, False) == ["minilm-l6", "minilm-l3"]
    assert "mpnet-base" not in names([], [], True, False)
    assert "mpnet-base" in names([], [], True, True)
    assert names(["mpnet-base"], [], False, False) == ["mpnet-base"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "required"),
        (["import", "--out", "x"], 2, "nothing to import"),
        (["import", "nope", "--out", "x"], 2, "no model 'nope'"),
        (["import", "--zoo", "nope", "--out", "x"], 2, "no family 'nope'"),
        (["import", "minilm-l6", "--twins", "-1", "--out", "x"], 2, "--twins -1"),
        (["import", "colour-histogram", "--out", "/proc/nowhere"], 3, "/proc/nowhere"),
        (["tokenize", "--tokenizer", "t", "--captions", "/none", "--out", "x"], 3, "/none"),
    ],
)
def test_errors_are_one_line_with_the_right_code(arguments, code, message, tmp_path, capsys):
    os.chdir(tmp_path)
    assert main(arguments) == code
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1 and "Traceback" not in error
    assert list(tmp_path.iterdir()) == []


def test_a_missing_source_package_is_named(monkeypatch, tmp_path, capsys):
    from consilience_export import distributions

    with pytest.raises(ExportError, match=r"no-such-thing is not installed.*requirements-models"):
        distributions.find("no-such-thing", ".onnx")


def test_disk_full_may_be_tried_again(monkeypatch, tmp_path, capsys):
    from consilience_export import package

    def full(*_):
        raise OSError(28, "No space left on device", "model.ts")

    monkeypatch.setattr(package, "commit", full)
    assert main(["import", "colour-histogram", "--out", str(tmp_path)]) == 4
    assert "model.ts: No space left on device" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [".import.lock"]


def test_import_prints_folders_on_stdout(tmp_path, capsys):
    arguments = ["import", "colour-histogram", "--twins", "2", "--out", str(tmp_path)]
    assert main(arguments) == 0
    output = capsys.readouterr()
    (folder,) = output.out.split()
    assert "wrote colour-histogram@" in output.err
    card = json.loads(Path(folder, "card.json").read_text())
    assert card["identity"]["weights"] == {"kind": "trivial"}
    assert card["identity"]["pixels"]["mean"] == ["0.0"] * 3


def test_list_shows_every_model(capsys):
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == sum(not model.checkpoint for model in zoo.load().models.values())
    assert any("smollm2-135m" in line and "134.5 M" in line for line in lines)


def test_a_model_described_nowhere_is_an_error(tmp_path):
    (tmp_path / "x.toml").write_text('name = "x"\ntitle = "X"\nmodels = ["ghost"]\n')
    with pytest.raises(ExportError, match="ghost"):
        zoo.load(tmp_path)
    assert tiny.TINY_LITE.packages == []


def test_keeping_packages_needs_no_torch(tmp_path):
    code = "import sys, consilience_export.cli, consilience_export.importing; "
    code += "import consilience_export.zoo, consilience_export.token_pack; "
    code += "print('torch' in sys.modules or 'transformers' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
