import json
import os
import subprocess

import pytest
from program import PROGRAM, ROOT

PACKAGES = ROOT / "store/models"


class Cli:
    """The program as a user starts it, in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, *words, code=0, **environment):
        result = subprocess.run(
            [PROGRAM, *map(str, words)],
            cwd=self.folder,
            capture_output=True,
            text=True,
            env=os.environ | environment,
        )
        assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
        return result

    def json(self, *words, code=0):
        return json.loads(self(*words, "--json", code=code).stdout)

    def refusal(self, *words, code=3):
        """The one line that a failing command says."""
        result = self(*words, "--quiet", code=code)
        assert result.stdout == ""
        lines = [line for line in result.stderr.splitlines() if line.startswith("consilience: ")]
        assert len(lines) == 1, result.stderr
        return lines[0]


@pytest.fixture
def cli(tmp_path):
    return Cli(tmp_path)


@pytest.fixture
def store(tmp_path):
    """An empty store that has the exported packages and the built-in data."""
    if not any(PACKAGES.glob("efficientnet-lite0@*")):
        pytest.skip("no model packages: tools/setup makes them")
    (tmp_path / "store").mkdir()
    for name in ("models", "sources"):
        (tmp_path / "store" / name).symlink_to(ROOT / "store" / name)
    return tmp_path / "store"
