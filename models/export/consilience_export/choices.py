"""What a user asked for is what an encoder has: no option is dropped without a word."""

from collections.abc import Iterator

from consilience_export.encoder import Encoder
from consilience_export.errors import UsageError
from consilience_export.options import ImportOptions


def _unmet(options: ImportOptions, encoder: Encoder) -> Iterator[str]:
    if options.dtype != encoder.dtype:
        yield f"--dtype {options.dtype}: this model is kept in {encoder.dtype}"
    if options.poolings and not set(options.poolings) <= set(encoder.poolings):
        yield f"--pool {','.join(options.poolings)}: expected some of {', '.join(encoder.poolings)}"
    if encoder.pixels is not None:
        crop, implementation = encoder.pixels["crop"], encoder.pixels["implementation"]
        if options.image_size not in (None, crop):
            yield f"--image-size {options.image_size}: this model takes pictures of {crop} alone"
        if options.pixels != implementation:
            yield f"--pixels {options.pixels}: this model takes {implementation} alone"


def check(options: ImportOptions, encoder: Encoder) -> None:
    """Raises UsageError naming the first option that a source did not follow."""
    if encoder.artefact is None:  # somebody's artefact: taken as it is, options are refused before
        for fault in _unmet(options, encoder):
            raise UsageError(fault)
