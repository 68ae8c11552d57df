import pytest
from program import ROOT, Cli

PACKAGES = ROOT / "store/models"


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
