"""The files that a new study begins with."""

from pathlib import Path
from typing import Final

from flopcast.errors import InputError, nearest
from flopcast.sweeps.files import storing
from flopcast.sweeps.study import FILE

_TEACHER_STUDENT: Final = """\
# A task whose law is known: floor 1, exponents 0.8 (params) and 0.444 (data). Seconds in all.
name = "teacher-student"
train = "flopcast.sweeps.teacher_student:train"
metric = "loss"
params_convention = "total"
data_id = "generated"
seeds = [0]

[axes.params]
role = "params"
values = [8, 16, 32, 64]

[axes.data]
role = "data"
values = [512, 1024, 2048, 4096]

[target]
params = 256
data = 32768

[grid]
kind = "factorial"
batch = 8                       # cells between forecasts

[cost]
flop = "data * params**2 + params**3 / 3"

[budget]
cap = 4e9
unit = "flop"

[stop]
width = 0.02
"""

_OWN: Final = """\
name = "my-study"
train = "train.py:train"        # or ["python", "train.py"], a command that prints JSON lines
metric = "loss"                 # lower is better; else direction = "higher" and best = 1.0
params_convention = "total"
data_id = "my-data-1"           # names the data: other data, other cells
seeds = [0, 1]

[axes.width]                    # a setting that the grid varies
role = "params"                 # what it means to a law, by the formula in amount
amount = "12 * 4 * width**2"
values = [32, 48, 64, 96]

[axes.tokens]
role = "data"
values = [1000000, 2000000, 4000000, 8000000]

[target]                        # the large run that the forecast is about
width = 512
tokens = 200000000

[grid]
kind = "factorial"              # isoflop, ladder, lattice, pool, active

[rules.rate]                    # hyper-parameters: fixed, law or table
law = "0.01 * (width / 64) ** -1"

[budget]
cap = 2e15
unit = "flop"                   # seconds, usd, kwh

[stop]
width = 0.05                    # (high - low) / median of the 90 % interval
"""

_TRAIN: Final = '''\
"""One run of the study: put your own training here."""


def train(config, ctx):
    """Train once. `config` has the axes and the rules; returns numbers by name."""
    # ctx.seed, ctx.checkpoint_dir (kept between attempts), ctx.should_stop()
    # ctx.report(step, samples, loss, flop=None) while it runs
    raise NotImplementedError("train.py: write the training of one run")
'''

EXAMPLES: Final = ("own", "teacher-student")


def write_template(folder: Path, example: str = "own") -> list[Path]:
    """Writes a new study into `folder`; the files written.

    Raises InputError for an unknown example, and a folder that holds a study already.
    """
    if example not in EXAMPLES:
        raise InputError(
            f"there is no example {example!r}; there are {', '.join(EXAMPLES)}."
            f"{nearest(example, EXAMPLES)}"
        )
    files = {FILE: _TEACHER_STUDENT} if example != "own" else {FILE: _OWN, "train.py": _TRAIN}
    for name in files:
        if (folder / name).exists():
            raise InputError(f"{folder / name} is there already.", "Choose another folder.")
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]
