"""Factories inside Portable give what torch gives, without a device in the graph."""

import pytest
import torch
from consilience_export.portable import Portable
from consilience_export.torchscript import graph_lint
from torch import nn

CPU = torch.device("cpu")
ANCHOR = torch.ones(2, 5, dtype=torch.long)
CALLS = [
    lambda n: torch.arange(n, device=CPU),
    lambda n: torch.arange(2, n, device=CPU),
    lambda n: torch.arange(1, n, 2, device=CPU, dtype=torch.int32),
    lambda n: torch.arange(n, dtype=torch.float32, device=CPU),
    lambda n: torch.zeros(n, 3, device=CPU),
    lambda n: torch.zeros((1, n), dtype=torch.long, device=CPU),
    lambda n: torch.ones([n], dtype=torch.bool, device=CPU),
    lambda n: torch.full((n,), 2.5, device=CPU),
    lambda n: torch.full((), 7, device=CPU),
    lambda n: torch.tensor(3, device=CPU),
    lambda n: torch.tensor(0.5, dtype=torch.float64, device=CPU),
    lambda n: torch.tensor(True, device=CPU),
    lambda n: torch.ones(n).to(CPU),
    lambda n: torch.ones(n).to(device=CPU, dtype=torch.float16),
    lambda n: torch.ones(n).to(torch.long),
]


@pytest.mark.parametrize("call", CALLS)
def test_calls_equal_those_of_torch(call):
    want = call(6)
    with Portable(ANCHOR):
        got = call(6)
    assert got.dtype == want.dtype and torch.equal(got, want)


class Positions(nn.Module):
    def __init__(self, portable):
        super().__init__()
        self.portable = portable

    def positions(self, ids):
        index = torch.arange(ids.size(1), device=ids.device)
        blank = torch.zeros((1, ids.size(1)), device=ids.device)
        scale = torch.tensor(ids.size(1), dtype=torch.float32, device=ids.device)
        return (blank + index * scale).to(ids.device)

    def forward(self, ids):
        if not self.portable:
            return self.positions(ids)
        with Portable(ids):
            return self.positions(ids)


@pytest.mark.filterwarnings("ignore")
def test_traces_follow_their_inputs():
    bound = torch.jit.trace(Positions(False), ANCHOR, check_trace=False)
    assert any("device constant" in problem for problem in graph_lint.problems(bound))
    free = torch.jit.trace(Positions(True), ANCHOR, check_trace=False)
    assert graph_lint.problems(free) == []
    other = torch.ones(1, 8, dtype=torch.long)
    assert torch.equal(free(other), Positions(False)(other))


@pytest.mark.filterwarnings("ignore")
def test_arrays_baked_into_a_graph_are_found():
    class Baked(nn.Module):
        def forward(self, x):
            return x + torch.linspace(0, 1, 5).detach()

    class Kept(nn.Module):
        constant = torch.ones(5)

        def forward(self, x):
            return x + self.constant

    traced = torch.jit.trace(Kept(), torch.ones(2, 5), check_trace=False)
    assert graph_lint.problems(traced) == ["constant of shape [5], which stays on one device"]
    assert graph_lint.problems(torch.jit.trace(Baked(), torch.ones(2, 5), check_trace=False))
