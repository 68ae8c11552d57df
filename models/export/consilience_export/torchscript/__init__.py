"""Everything that names `torch.jit`, which is deprecated upstream (CONTRIBUTING.md)."""
