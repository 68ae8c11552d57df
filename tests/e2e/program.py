"""Where the program under test is."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("CONSILIENCE", ROOT / "build/dev/tools/consilience"))
