import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))
import tiny

torch.set_num_threads(1)


@pytest.fixture(params=["bert", "mpnet", "llama", "lite"])
def encoder(request):
    """One tiny encoder of every architecture."""
    return getattr(tiny, f"tiny_{request.param}")()
