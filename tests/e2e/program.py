"""Where the program under test is, and how it is started."""

import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("CONSILIENCE", ROOT / "build/dev/tools/consilience"))


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
