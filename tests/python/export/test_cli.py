"""The command line: selection, exit codes, one line for every error."""

import json
import os
import shutil
import subprocess
import sys
import time
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
        (["import", "trivial", "--out", "x"], 2, "a family of the zoo: --zoo trivial"),
        (["import", "minilm-l6", "--twins", "-1", "--out", "x"], 2, "--twins -1"),
        (["import", "hf:x", "--name", "A/b", "--out", "x"], 2, "--name A/b: expected a-z"),
        (["import", "hf:x", "--arch", "timm:y", "--out", "x"], 2, "--arch goes with checkpoint"),
        (["import", "hf:x", "--card", "y", "--out", "x"], 2, "--card goes with torchscript"),
        (["import", "api:x", "--twins", "1", "--out", "x"], 2, "a service has none"),
        (["import", "torchscript:x", "--twins", "1", "--out", "x"], 2, "its code is not known"),
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


def test_a_file_or_folder_without_a_kind_is_told_with_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "saved").mkdir()
    (tmp_path / "sentences").mkdir()
    (tmp_path / "sentences" / "modules.json").touch()
    (tmp_path / "q.gguf").touch()
    for word, spec in (("saved", "hf:"), ("sentences", "st:"), ("q.gguf", "gguf:")):
        assert main(["import", word, "--out", "x"]) == 2
        assert capsys.readouterr().err.endswith(f"what lies there: {spec}{word}\n")
    assert main(["import", "hf:q.gguf", "--out", "x"]) == 2
    assert "expected the folder of a saved model (or gguf:q.gguf)" in capsys.readouterr().err


def test_going_on_ends_with_the_gravest_exit_code(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    absent = ["hf:nobody/one", "hf:nobody/two"]
    assert main(["import", *absent, "--continue", "--out", "x"]) == 4
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 3 and told[2].endswith(
        "2 of 2 models were not imported, as said above: one, two"
    )
    assert main(["import", *absent, "hf:empty", "--continue", "--out", "x"]) == 3
    assert "no such file: not a folder of a saved model" in capsys.readouterr().err


def test_an_interrupted_import_is_told_in_one_line(tmp_path, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("consilience_export.importing.import_model", interrupted)
    assert main(["import", "minilm-l6", "--out", str(tmp_path)]) == 6
    assert capsys.readouterr().err.count("\n") == 1


def test_a_terminated_import_leaves_nothing_behind(tmp_path):
    """SIGTERM is how the program stops its Python."""
    slow = tmp_path / "slow.py"
    slow.write_text(
        "import time\nfrom torch import nn\n\nclass Slow(nn.Conv2d):\n"
        "    def forward(self, x):\n        print('tracing', flush=True)\n"
        "        time.sleep(0.5)\n        return super().forward(x)\n\n"
        "def model():\n    pixels = {'crop': 8, 'mean': [0] * 3, 'std': [1] * 3}\n"
        "    return {'model': nn.Sequential(Slow(3, 4, 2)), 'hooks': ['0'], 'pixels': pixels}\n"
    )
    out = tmp_path / "out"
    command = [sys.executable, "-m", "consilience_export", "import", f"python:{slow}:model"]
    child = subprocess.Popen(
        [*command, "--out", str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while not list(out.glob(".*.partial")):
        assert child.poll() is None, child.communicate()[1]
        time.sleep(0.02)
    child.terminate()
    assert child.wait(20) == 6, child.communicate()[1]
    assert [file.name for file in out.iterdir()] == [".import.lock"]
    child.communicate()


def test_a_disk_without_room_is_told_before_it_is_full(tmp_path, monkeypatch, capsys):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=2**20))
    monkeypatch.setattr("consilience_export.sources.load", lambda _: tiny.tiny_bert())
    assert main(["import", "minilm-l6", "--out", str(tmp_path)]) == 4
    assert "the disk has 1.0 MB left, the archive needs about 1.2 MB" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == [".import.lock"]


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
