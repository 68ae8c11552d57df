"""The engine's runner on packages, where it is built: tests/support/run_packages.cpp."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ.get("CONSILIENCE_BUILD", ROOT / "build/dev")) / "tests/run_packages"


def run(*folders: Path) -> None:
    """FOLDER's package on its inputs.safetensors: found.safetensors. Skips without the program."""
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM}: not built")
    subprocess.run([PROGRAM, *folders], check=True)
