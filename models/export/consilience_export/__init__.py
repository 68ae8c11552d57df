"""Writes model packages (docs/model-package.md) and proves each equal to its original."""
