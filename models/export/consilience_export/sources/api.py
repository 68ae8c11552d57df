"""api:URL#MODEL: a service that answers texts with embeddings, as a model of one layer."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from consilience_export import package
from consilience_export.endpoint import Endpoint, Pace
from consilience_export.errors import ExportError, UsageError
from consilience_export.identity import FORMAT, hashable
from consilience_export.job import Job
from consilience_export.probe import Probe, probe, same_fingerprint

# A service repeats itself worse than an artefact its original: batches change the last bits.
ERROR_BOUND = {"absolute": "1e-5", "relative": "1e-2"}
_NOT_HERE = ("poolings", "dtype", "image_size", "max_tokens", "pixels", "segments")


def _service(job: Job) -> tuple[Endpoint, Probe]:
    """The service as the URL's ending says, or as the first of both kinds that answers."""
    url = job.spec.where.rstrip("/")
    pace = Pace(job.options.requests_per_second)
    kinds = ["openai", "tei"]
    if url.endswith("/embeddings"):
        kinds = ["openai"]
    elif url.endswith("/embed"):
        kinds = ["tei"]
    refusals = []
    for kind in kinds:
        service = Endpoint(url, kind, job.spec.part or "", pace)
        try:
            return service, probe(service)
        except ExportError as error:
            if error.exit_code != ExportError.exit_code:
                raise
            refusals.append(str(error))
    raise ExportError("; ".join(refusals))


def _identity(name: str, service: Endpoint, found: Probe) -> dict[str, Any]:
    width = found.fingerprint.width
    return hashable(
        {
            "name": name,
            "modality": "text",
            "description": {"source": "a service: its weights are not here"},
            "weights": {"kind": "trained"},
            "layers": [
                {
                    "name": "endpoint",
                    "width": width,
                    "kind": "sentence",
                    "normed": found.fingerprint.unit,
                }
            ],
            "dtype": "f32",
            "poolings": ["endpoint"],
            "scalars": [],
            "endpoint": {
                "api": service.api,
                "url": service.url,
                "model": service.model,
                "width": width,
                "fingerprint": list(found.fingerprint.cosines),
            },
            "error_bound": ERROR_BOUND,
        }
    )


def _about(job: Job, found: Probe) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "family": job.family or "endpoint",
        "role": "trained",
        "source": str(job.spec),
        "licence": job.facts.get("licence", "the service's terms"),
        "measured_error": {"endpoint": f"{found.error:.1e}"},
        "probed": now.strftime("%Y-%m-%d"),
        "notes": "Vectors of a service: what made them can change without a word. Texts that are "
        "too long are refused or cut by the service.",
    }


def _known(out: Path, name: str, identity: dict[str, Any]) -> Path | None:
    """A package of the same service whose fingerprint agrees: importing again changes nothing."""
    for folder in sorted(out.glob(f"{name}@*")):
        card = package.read_card(folder)
        if card is None or "endpoint" not in card["identity"]:
            continue
        theirs, ours = dict(card["identity"]["endpoint"]), dict(identity["endpoint"])
        if same_fingerprint(theirs.pop("fingerprint"), ours.pop("fingerprint")) and theirs == ours:
            return folder
    return None


def import_endpoint(job: Job, out: Path) -> Path:
    """Probes the service and writes its package, or keeps the one of the same answers."""
    if flags := job.options.asked(*_NOT_HERE):
        raise UsageError(f"{flags[0]}: an endpoint is a service, its network is not here")
    if job.options.layers not in ("all", "last", "endpoint"):
        raise UsageError(f"--layers {job.options.layers}: an endpoint has one layer, 'endpoint'")
    service, found = _service(job)
    if found.relative > float(ERROR_BOUND["relative"]):
        raise ExportError(
            f"{service.address}: asked the same twice, it answers {found.relative:.1e} (relative) "
            f"apart; features need at most {ERROR_BOUND['relative']}"
        )
    identity = _identity(job.name, service, found)
    if known := _known(out, job.name, identity):
        print(f"{job.name}: kept {known.name}", file=sys.stderr)
        return known
    runtime: dict[str, Any] = {"freeze": False, "channels_last": False}
    if job.options.requests_per_second:
        runtime["requests_per_second"] = job.options.requests_per_second
    card = {
        "format": FORMAT,
        "identity": identity,
        "segments": [],
        "runtime": runtime,
        "about": _about(job, found),
    }
    with package.scratch_folder(out, job.name) as folder:
        target = package.commit(folder, card, None)
    shown = json.dumps(service.model or "the service's own")
    print(
        f"{job.name}: wrote {target.name} ({service.api}, model {shown}, width "
        f"{identity['endpoint']['width']}, repeats itself within {found.error:.1e})",
        file=sys.stderr,
    )
    return target
