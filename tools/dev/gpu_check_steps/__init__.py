"""The steps of tools/dev/gpu_check. The standard library alone, for any Python from 3.9 on."""
