"""What the configuration of a transformers model says in an identity."""

from typing import Any

from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()

# Keys that say where a configuration came from, or which library wrote it, not what the model is.
_VOLATILE = {"_name_or_path", "transformers_version", "architectures", "dtype", "torch_dtype"}


def configuration(config: Any) -> dict[str, Any]:
    """The configuration of a model as it enters the identity."""
    values = config.to_diff_dict()
    return {key: value for key, value in values.items() if key not in _VOLATILE}
