"""The ``flopcast`` command: finds the verb, runs it, and turns every error into an exit code.

Exit codes: 0 done; 1 failed (a reproduction that does not agree, a missing extra, a reader of the
output that went away); 2 bad input; 3 refused for a stated statistical reason; 130 interrupted.
"""

import json
import os
import sys
from collections.abc import Sequence
from typing import Final

from cyclopts import App, CycloptsError, Parameter

from flopcast import __version__
from flopcast.errors import FlopcastError, InputError, Refused, nearest

INTERRUPTED: Final = 130
BROKEN_PIPE: Final = 1  # as Python and rich have it

# verb -> (where it lives, what it answers, its examples and exit codes); named by path, and help
# given here, so that `flopcast --help` imports none of them
VERBS: Final = {
    "backtest": (
        "flopcast.cli.backtest:backtest",
        "How forecasts did on runs that were held out.",
        "Example: flopcast backtest runs.csv --reach 10\n\n"
        "Exit codes: 0 tested; 2 bad input; 3 refused (nothing to hold out, too few runs).",
    ),
    "bill": (
        "flopcast.cli.bill:bill",
        "What compute takes in hours, energy, carbon and money, or what a budget buys.",
        "Example: flopcast bill 3.14e23 --chip v100 --grid USA --development\n\n"
        "Exit codes: 0 answered; 2 bad input.",
    ),
    "burden": (
        "flopcast.cli.burden:burden",
        "How error falls with compute on a benchmark, and what a target would take.",
        "Example: flopcast burden imagenet-top1 --error 5% --error 3% --chart imagenet.svg\n\n"
        "Exit codes: 0 answered; 2 bad input; 3 refused (no slope, too few points, target met).",
    ),
    "catalogue": (
        "flopcast.cli.catalogue:app",
        "The facts: build, check, list, show, search and export them.",
        "",
    ),
    "compare": (
        "flopcast.cli.compare:compare",
        "How much more compute one model took than another: rate x count x time.",
        "Example: flopcast compare alexnet nasnet-a-6\n\nExit codes: 0 compared; 2 bad input.",
    ),
    "compare-laws": (
        "flopcast.cli.compare_laws:compare_laws",
        "Which law predicts the largest runs from the smaller ones.",
        "Example: flopcast compare-laws runs.csv --laws chinchilla,kaplan\n\n"
        "Exit codes: 0 compared; 2 bad input; 3 refused (no law fits, nothing to hold out).",
    ),
    "demo": (
        "flopcast.cli.demo:demo",
        "The ImageNet question answered, with a chart and a report.",
        "Example: flopcast demo --out out\n\nExit codes: 0 written; 2 cannot be written.",
    ),
    "fit": (
        "flopcast.cli.fit:fit",
        "The parameters of a scaling law, how sure they are, and what it predicts.",
        "Example: flopcast fit runs.csv --law chinchilla --at params=7e10,data=1.4e12\n\n"
        "Exit codes: 0 fitted; 2 bad input; 3 refused (too few runs, one level on an axis).",
    ),
    "laws": (
        "flopcast.cli.laws:laws",
        "The scaling laws that can be fitted, with equations and sources.",
        "Example: flopcast laws chinchilla\n\nExit codes: 0 listed; 2 no such law.",
    ),
    "portal": (
        "flopcast.cli.portal:app",
        "The portal as static files for any web host.",
        "",
    ),
    "predict": (
        "flopcast.cli.predict:predict",
        "Forecasts of runs that have not been made, with intervals.",
        "Example: flopcast predict runs.csv --at params=7e10,data=1.4e12 --target 2.0\n\n"
        "Exit codes: 0 forecast; 2 bad input; 3 refused (too few runs, no law fits).",
    ),
    "predict-curve": (
        "flopcast.cli.predict_curve:predict_curve",
        "The end of a training run from the first part of its curve.",
        "Example: flopcast predict-curve curve.csv --end 20000 --schedule cosine:0.1\n\n"
        "Exit codes: 0 forecast; 2 bad input; 3 refused (nothing leads to the end).",
    ),
    "register": (
        "flopcast.cli.register:register",
        "A forecast fixed in a file before its outcome is known.",
        "Example: flopcast register runs.csv --at params=7e10,data=1.4e12 --out 70b.json\n\n"
        "Exit codes: 0 written; 2 bad input; 3 refused (too few runs, no law fits).",
    ),
    "reproduce": (
        "flopcast.cli.reproduce:reproduce",
        "Published figures against ours, row by row, with the reason where they differ.",
        "Example: flopcast reproduce thompson-2022 --all\n\n"
        "Exit codes: 0 every row reproduced or explained; 1 a row fails; 2 bad input.",
    ),
    "score": (
        "flopcast.cli.score:score",
        "Registered forecasts against their outcomes, and how all of them did.",
        "Example: flopcast score 70b.json --outcome 1.94\n\n"
        "Exit codes: 0 settled; 2 bad input or a changed file; 3 refused (settled already).",
    ),
    "serve": (
        "flopcast.cli.serve:serve",
        "The portal on this machine.",
        "Example: flopcast serve --port 8000\n\n"
        "Exit codes: 0 stopped; 1 the extra portal is missing; 2 bad input.",
    ),
    "sweep": (
        "flopcast.cli.sweep:app",
        "Run a small grid of your own training, and forecast the large run.",
        "",
    ),
}

app = App(
    name="flopcast",
    version=__version__,
    help="What will it take? How ML performance scales with compute, and what a target costs.",
    help_epilogue="Example: flopcast burden imagenet-top1 --error 5%",
    suppress_keyboard_interrupt=False,
    default_parameter=Parameter(negative=()),
)
for _verb, (_path, _help, _epilogue) in VERBS.items():
    _own = {"help_epilogue": _epilogue} if _epilogue else {}
    app.command(_path, name=_verb, help=_help, **_own)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (by default the process's own) and return its exit code."""
    tokens = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(tokens)
        sys.stdout.flush()
    except BrokenPipeError:
        # Point stdout away, or Python's own flush at exit would complain about the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _run(tokens: list[str]) -> int:
    """Run the verb; every foreseen error is shown and becomes its exit code."""
    try:
        _require_verb(tokens)
        result = app(tokens, print_error=False, exit_on_error=False, result_action="return_value")
    except FlopcastError as error:
        shown = error
    except CycloptsError as error:
        shown = InputError(str(error).strip(), "See: flopcast --help")
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except OSError as error:
        if error.filename is None:
            raise
        shown = InputError(f"{os.fspath(error.filename)!r} cannot be used: {error.strerror}.")
    else:
        return result if isinstance(result, int) else 0
    _show(shown, as_json="--json" in tokens)
    return shown.exit_code


def _require_verb(tokens: list[str]) -> None:
    """Reject an unknown verb here: cyclopts would import every verb to list them."""
    if tokens and tokens[0] not in (*VERBS, "--help", "-h", "--version"):
        raise InputError(
            f"unknown verb {tokens[0]!r}.{nearest(tokens[0], VERBS)}",
            f"Verbs: {', '.join(VERBS)}. See: flopcast --help",
        )


def _show(error: FlopcastError, *, as_json: bool) -> None:
    """Print one error: JSON on stdout for programs, a few plain lines on stderr for people."""
    if as_json:
        print(json.dumps(error.to_dict(), indent=2, ensure_ascii=False))
        return
    label = "refused" if isinstance(error, Refused) else "error"
    hint = f"\n  {error.hint}" if error.hint else ""
    print(f"{label}: {error.message}{hint}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
