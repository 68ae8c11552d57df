"""The command line: import, list, tokenize, embed. Results on stdout, talk on stderr."""

import argparse
import errno
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from consilience_export.errors import ExportError, UsageError
from consilience_export.listing import some

_TRY_AGAIN = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}

_IMPORT_HELP = """\
Writes model packages into a folder and proves each equal to its original. A package that was made
from the same sources in the same way, and that is whole, is kept.

SPEC is a model of the zoo (`{listing}` lists them), or
  timm:NAME[@PRETRAINED_TAG]            a vision model of timm
  hf:NAME_OR_FOLDER[@REVISION][#PART]   a model of transformers; PART: vision or text of a pair
  st:NAME_OR_FOLDER[@REVISION]          a sentence-transformers model, with its own pooling
  gguf:FILE                             a llama.cpp file, dequantised to float32
  checkpoint:FILE                       a state dict (.safetensors, .pt), with --arch
  torchscript:FILE                      an artefact of your own, with --card
  python:MODULE:FUNCTION                a function that returns a model and its hook points
  api:URL#MODEL                         an OpenAI-compatible or TEI endpoint for embeddings

docs/import.md says more.
example: {program} import minilm-l6 hf:EleutherAI/pythia-70m --twins 1{out}"""

_TOKENIZE_HELP = """\
Writes a token pack: ids int32 [total], offsets int64 [n + 1], bytes int64 [n], truncated uint8 [n].

example: python -m consilience_export tokenize --tokenizer tokenizer.json \\
           --captions captions.json --max-tokens 128 --out pack.safetensors"""


_EMBED_HELP = """\
Asks the service behind an endpoint's package for the vectors of captions: embeddings float32
[n, d]. What it answered before is taken from the cache; a run that fails can be run again. A key
goes into the environment's CONSILIENCE_API_KEY.

example: python -m consilience_export embed --package store/models/NAME@HASH \\
           --captions captions.json --cache store/endpoints --out vectors.safetensors"""


_MODULE = "python -m consilience_export"


def _program() -> str:
    """Who calls: `consilience models`, or nothing: this module runs by itself."""
    return os.environ.get("CONSILIENCE_PROGRAM", "")


def _say(what: object) -> None:
    print(f"{'consilience' if _program() else 'consilience_export'}: {what}", file=sys.stderr)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        raise UsageError(f"{message}: see {self.prog} --help")


def _add_import(commands) -> None:
    raw = argparse.RawDescriptionHelpFormatter
    ours = bool(_program())
    about = _IMPORT_HELP.format(
        listing="consilience models zoo" if ours else "list",
        program=_program() or _MODULE,
        out=" --store store" if ours else " --out store/models",
    )
    parser = commands.add_parser("import", description=about, formatter_class=raw)
    add = parser.add_argument
    add("specs", nargs="*", metavar="SPEC")
    add("--zoo", action="append", default=[], metavar="FAMILY", help="every model of a family")
    add("--all", action="store_true", help="every model that comes as Python packages")
    add("--full", action="store_true", help="large ones of those too")
    add("--continue", dest="go_on", action="store_true", help="report what fails, and go on")
    add("--twins", type=int, default=0, metavar="N", help="random-weights twins, seeds 1..N")
    out = argparse.SUPPRESS if ours else "the folder of packages: STORE/models"
    add("--out", type=Path, required=True, help=out)
    if ours:
        add("--store", help="where models/ lies (store)")
        add("--json", action="store_true", help="cards as JSON")
    add("--replace", action="store_true", help="remove older packages of the same names")
    add("--name", help="what the package is called")
    add("--layers", default="all", help="all, last, every:N or names: block_0,block_1")
    add("--pool", metavar="NAME[,NAME]", help="first, last, mean, mean_without_first ..")
    add("--dtype", default="f32", help="of the stored weights: f32, bf16 or f16")
    add("--image-size", type=int, metavar="PIXELS", help="make it for pictures of another size")
    add("--pixels", default="pil-exact", help="who resizes: pil-exact or torch-uint8-aa")
    add("--max-tokens", type=int, metavar="N", help="longer texts are cut (128)")
    add("--segments", type=int, default=1, metavar="N", help="cut the network into N files")
    add("--arch", metavar="SPEC", help="of a checkpoint: timm:NAME or hf:FOLDER")
    add("--card", type=Path, metavar="CARD.json", help="of a TorchScript file")
    add("--requests-per-second", type=float, metavar="R", help="of an endpoint")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=_program() or _MODULE, description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    raw = argparse.RawDescriptionHelpFormatter
    _add_import(commands)

    listing = commands.add_parser("list", description="Lists the zoo.")
    listing.add_argument("--zoo", action="append", default=[], metavar="FAMILY")
    listing.add_argument("--json", action="store_true")

    tokenize = commands.add_parser("tokenize", description=_TOKENIZE_HELP, formatter_class=raw)
    tokenize.add_argument("--tokenizer", type=Path, required=True, help="a tokenizer.json")
    tokenize.add_argument("--captions", type=Path, required=True, help="a JSON list of strings")
    tokenize.add_argument("--max-tokens", type=int, default=128)
    tokenize.add_argument("--out", type=Path, required=True, help="the .safetensors file to write")

    embed = commands.add_parser("embed", description=_EMBED_HELP, formatter_class=raw)
    embed.add_argument("--package", type=Path, required=True, help="a package of kind api:")
    embed.add_argument("--captions", type=Path, required=True, help="a JSON list of strings")
    embed.add_argument("--cache", type=Path, required=True, help="a folder for what was answered")
    embed.add_argument("--requests-per-second", type=float, metavar="R")
    embed.add_argument("--tries", type=int, default=4, help="of a request, before giving up")
    embed.add_argument("--out", type=Path, required=True, help="the .safetensors file to write")
    return parser


def _positive(options: argparse.Namespace, *names: str) -> None:
    for name in names:
        value = getattr(options, name)
        if value is not None and value <= 0:
            raise UsageError(f"--{name.replace('_', '-')} {value}: expected more than 0")


def _jobs(options: argparse.Namespace):
    from consilience_export import job, zoo
    from consilience_export.options import DTYPES, ImportOptions

    if options.twins < 0:
        raise UsageError(f"--twins {options.twins}: expected 0 or more")
    _positive(options, "image_size", "max_tokens", "segments", "requests_per_second")
    if options.dtype not in DTYPES:
        raise UsageError(f"--dtype {options.dtype}: expected one of {', '.join(DTYPES)}")
    chosen = ImportOptions(
        name=options.name,
        layers=options.layers,
        poolings=tuple(options.pool.split(",")) if options.pool else None,
        dtype=options.dtype,
        image_size=options.image_size,
        max_tokens=options.max_tokens,
        segments=options.segments,
        pixels=options.pixels,
        architecture=options.arch,
        card=options.card,
        requests_per_second=options.requests_per_second,
    )
    known = zoo.load()
    jobs = [job.of_word(word, known, chosen) for word in options.specs]
    for model in known.select([], options.zoo, options.all, options.full):
        jobs.append(job.of_zoo(model, chosen))
    if not jobs:
        raise UsageError("nothing to import: name models, or give --zoo or --all")
    job.check_options(jobs, options.twins)
    if options.name and len(jobs) > 1:
        raise UsageError(f"--name {options.name}: names one package, {len(jobs)} are asked for")
    return list({one.name: one for one in jobs}.values())


def _packages(options: argparse.Namespace, jobs, failed: dict) -> Iterator[Path]:
    from consilience_export.importing import import_model

    for one in jobs:
        try:
            yield from import_model(one, options.twins, options.out)
        except ExportError as error:
            if not options.go_on:
                raise
            _say(error)
            failed[one.name] = error


def _import(options: argparse.Namespace) -> None:
    from consilience_export import package

    jobs = _jobs(options)
    failed: dict[str, ExportError] = {}
    with package.exclusive(options.out):
        for folder in _packages(options, jobs, failed):
            if options.replace:
                package.remove_older(folder)
            print(folder, flush=True)
    if failed:
        gravest = min(failed.values(), key=lambda error: error.exit_code)
        raise type(gravest)(
            f"{len(failed)} of {len(jobs)} models were not imported, as said above: "
            f"{some(list(failed))}"
        )


def _list(options: argparse.Namespace) -> None:
    from consilience_export import zoo

    known = zoo.load()
    models = known.select([], options.zoo, False, True)
    if not options.zoo:
        models = [model for model in known.models.values() if not model.checkpoint]
    if options.json:
        rows = [model.describe() for model in models]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for model in models:
        facts = model.facts
        size = f"{facts['parameters'] / 1e6:.1f} M" if "parameters" in facts else "-"
        large = " (with --full)" if model.full else ""
        gated = " (gated)" if facts.get("gated") else ""
        print(f"{model.name:32} {model.family:22} {size:>10}  {facts['licence']}{gated}{large}")


def _tokenize(options: argparse.Namespace) -> None:
    from consilience_export import token_pack

    count = token_pack.write(options.tokenizer, options.captions, options.max_tokens, options.out)
    print(f"{count} captions", file=sys.stderr)
    print(options.out)


def _embed(options: argparse.Namespace) -> None:
    from consilience_export import embed
    from consilience_export.endpoint import Pace

    _positive(options, "requests_per_second", "tries")
    pace = Pace(options.requests_per_second, options.tries)
    embed.write(options.package, options.captions, options.cache, options.out, pace)
    print(options.out)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code of the project's contract."""
    commands = {"import": _import, "list": _list, "tokenize": _tokenize, "embed": _embed}
    os.environ.setdefault("TQDM_DISABLE", "1")  # transformers' bars, one per tensor of a file
    try:
        options = _parser().parse_args(arguments)
        commands[options.command](options)
    except ExportError as error:
        _say(error)
        return error.exit_code
    except KeyboardInterrupt:
        _say("stopped on request: what is whole is kept")
        return 6
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _say(f"{where}{error.strerror or error}")
        return 4 if error.errno in _TRY_AGAIN else 3
    return 0
