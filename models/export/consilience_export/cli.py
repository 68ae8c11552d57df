"""The command line: export, list, tokenize. Results on stdout, talk on stderr."""

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from consilience_export.errors import ExportError, UsageError

_TRY_AGAIN = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}

_EXPORT_HELP = """\
Writes packages into STORE/models. A package that this exporter made from the same sources, and
that is whole, is kept.

example: python -m consilience_export export --family demo --twins 1 --out store/models"""

_TOKENIZE_HELP = """\
Writes a token pack: ids int32 [total], offsets int64 [n + 1], bytes int64 [n].

example: python -m consilience_export tokenize --tokenizer tokenizer.json \\
           --captions captions.json --max-tokens 128 --out pack.safetensors"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        raise UsageError(f"{message}: see {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m consilience_export", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    raw = argparse.RawDescriptionHelpFormatter

    export = commands.add_parser("export", description=_EXPORT_HELP, formatter_class=raw)
    export.add_argument("names", nargs="*", metavar="NAME", help="models of the zoo")
    export.add_argument("--family", action="append", default=[], help="a family of the zoo")
    export.add_argument("--all", action="store_true", help="every model of the zoo")
    export.add_argument("--full", action="store_true", help="large models too")
    export.add_argument(
        "--twins", type=int, default=0, metavar="N", help="random twins, seeds 1..N"
    )
    export.add_argument("--out", type=Path, required=True, help="the folder of packages")
    export.add_argument(
        "--replace", action="store_true", help="remove older packages of the same names"
    )

    commands.add_parser("list", description="Lists the zoo: name, family, parameters, licence.")

    tokenize = commands.add_parser("tokenize", description=_TOKENIZE_HELP, formatter_class=raw)
    tokenize.add_argument("--tokenizer", type=Path, required=True, help="a tokenizer.json")
    tokenize.add_argument("--captions", type=Path, required=True, help="a JSON list of strings")
    tokenize.add_argument("--max-tokens", type=int, default=128)
    tokenize.add_argument("--out", type=Path, required=True, help="the .safetensors file to write")
    return parser


def _export(options: argparse.Namespace) -> None:
    from consilience_export import package, zoo
    from consilience_export.export import export

    if options.twins < 0:
        raise UsageError(f"--twins {options.twins}: expected 0 or more")
    models = zoo.load().select(options.names, options.family, options.all, options.full)
    if not models:
        raise UsageError("nothing to export: name models, or give --family or --all")
    with package.exclusive(options.out):
        for model in models:
            for folder in export(model, options.twins, options.out):
                if options.replace:
                    package.remove_older(folder)
                print(folder, flush=True)


def _list(_options: argparse.Namespace) -> None:
    from consilience_export import zoo

    for model in zoo.load().models.values():
        facts = model.facts
        size = f"{facts['parameters'] / 1e6:.1f} M"
        large = " (with --full)" if model.full else ""
        print(f"{model.name:20} {model.family:18} {size:>9}  {facts['licence']}{large}")


def _tokenize(options: argparse.Namespace) -> None:
    from consilience_export import token_pack

    count = token_pack.write(options.tokenizer, options.captions, options.max_tokens, options.out)
    print(f"{count} captions", file=sys.stderr)
    print(options.out)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code of the project's contract."""
    commands = {"export": _export, "list": _list, "tokenize": _tokenize}
    os.environ.setdefault("TQDM_DISABLE", "1")  # transformers' bars, one per tensor of a file
    try:
        options = _parser().parse_args(arguments)
        commands[options.command](options)
    except ExportError as error:
        print(f"consilience_export: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"consilience_export: {where}{error.strerror or error}", file=sys.stderr)
        return 4 if error.errno in _TRY_AGAIN else 3
    return 0
