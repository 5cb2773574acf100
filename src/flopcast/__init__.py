"""flopcast: what will it take?

From results and the compute behind them: how ML performance scales, what a target costs in
FLOP, money, energy and carbon, and how sure anyone can be. Every public name loads on first use,
so that importing the package costs next to nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from flopcast.accounting.affordable import Affordable, affordable
    from flopcast.accounting.bill import bill
    from flopcast.accounting.flops.architecture import Experts, Transformer
    from flopcast.accounting.flops.convolution import convolutional_forward
    from flopcast.accounting.flops.counted import count_with_torch
    from flopcast.accounting.flops.derivation import Derivation
    from flopcast.accounting.flops.training import training_compute, training_from_forward
    from flopcast.accounting.flops.transformer import forward_compute, transformer_training
    from flopcast.accounting.result import Bill
    from flopcast.errors import FlopcastError, InputError, RecordError, Refused
    from flopcast.figures import chart, save_chart
    from flopcast.fitting.compare import compare_laws
    from flopcast.fitting.fit import fit
    from flopcast.fitting.isoflop import isoflop
    from flopcast.fitting.result import FitResult
    from flopcast.fitting.schedules import with_schedules
    from flopcast.forecasting.accuracy import forecast_accuracy
    from flopcast.forecasting.backtest import backtest
    from flopcast.forecasting.backtest_result import Backtest
    from flopcast.forecasting.curve import Curve
    from flopcast.forecasting.forecast import forecast
    from flopcast.forecasting.learning_curve import forecast_curve
    from flopcast.forecasting.needed import best_split, needed
    from flopcast.forecasting.register import Registration, read_registration, register
    from flopcast.forecasting.result import Forecast
    from flopcast.forecasting.settle import ScoreSheet, read_sheet
    from flopcast.laws.law import Law
    from flopcast.laws.registry import get_law, law_names
    from flopcast.observations import Runs, read_runs
    from flopcast.progress.burden import Burden, burden
    from flopcast.progress.comparison import Comparison, compare
    from flopcast.progress.reproduce import reproduce
    from flopcast.records.query import Catalogue, catalogue
    from flopcast.reports import report
    from flopcast.sweeps.budget import Budget
    from flopcast.sweeps.cell import Cell, Planned
    from flopcast.sweeps.executor import open_executor
    from flopcast.sweeps.opened import open_study
    from flopcast.sweeps.retry import RetryPolicy
    from flopcast.sweeps.runner import run_cells
    from flopcast.sweeps.store import Store
    from flopcast.sweeps.study import Study, read_study
    from flopcast.sweeps.sweep import sweep
    from flopcast.sweeps.task import Limits
    from flopcast.sweeps.trainer import Trainer

__version__ = "0.1.0"

__all__ = [
    "Affordable",
    "Backtest",
    "Bill",
    "Budget",
    "Burden",
    "Catalogue",
    "Cell",
    "Comparison",
    "Curve",
    "Derivation",
    "Experts",
    "FitResult",
    "FlopcastError",
    "Forecast",
    "InputError",
    "Law",
    "Limits",
    "Planned",
    "RecordError",
    "Refused",
    "Registration",
    "RetryPolicy",
    "Runs",
    "ScoreSheet",
    "Store",
    "Study",
    "Trainer",
    "Transformer",
    "__version__",
    "affordable",
    "backtest",
    "best_split",
    "bill",
    "burden",
    "catalogue",
    "chart",
    "compare",
    "compare_laws",
    "convolutional_forward",
    "count_with_torch",
    "fit",
    "forecast",
    "forecast_accuracy",
    "forecast_curve",
    "forward_compute",
    "get_law",
    "isoflop",
    "law_names",
    "needed",
    "open_executor",
    "open_study",
    "read_registration",
    "read_runs",
    "read_sheet",
    "read_study",
    "register",
    "report",
    "reproduce",
    "run_cells",
    "save_chart",
    "sweep",
    "training_compute",
    "training_from_forward",
    "transformer_training",
    "with_schedules",
]

_HOME: Final = {
    "Affordable": "flopcast.accounting.affordable",
    "Backtest": "flopcast.forecasting.backtest_result",
    "Bill": "flopcast.accounting.result",
    "Budget": "flopcast.sweeps.budget",
    "Burden": "flopcast.progress.burden",
    "Catalogue": "flopcast.records.query",
    "Cell": "flopcast.sweeps.cell",
    "Comparison": "flopcast.progress.comparison",
    "Curve": "flopcast.forecasting.curve",
    "Derivation": "flopcast.accounting.flops.derivation",
    "Experts": "flopcast.accounting.flops.architecture",
    "FitResult": "flopcast.fitting.result",
    "FlopcastError": "flopcast.errors",
    "Forecast": "flopcast.forecasting.result",
    "InputError": "flopcast.errors",
    "Law": "flopcast.laws.law",
    "Limits": "flopcast.sweeps.task",
    "Planned": "flopcast.sweeps.cell",
    "RecordError": "flopcast.errors",
    "Refused": "flopcast.errors",
    "Registration": "flopcast.forecasting.register",
    "RetryPolicy": "flopcast.sweeps.retry",
    "Runs": "flopcast.observations",
    "ScoreSheet": "flopcast.forecasting.settle",
    "Store": "flopcast.sweeps.store",
    "Study": "flopcast.sweeps.study",
    "Trainer": "flopcast.sweeps.trainer",
    "Transformer": "flopcast.accounting.flops.architecture",
    "affordable": "flopcast.accounting.affordable",
    "backtest": "flopcast.forecasting.backtest",
    "best_split": "flopcast.forecasting.needed",
    "bill": "flopcast.accounting.bill",
    "burden": "flopcast.progress.burden",
    "catalogue": "flopcast.records.query",
    "chart": "flopcast.figures",
    "compare": "flopcast.progress.comparison",
    "compare_laws": "flopcast.fitting.compare",
    "convolutional_forward": "flopcast.accounting.flops.convolution",
    "count_with_torch": "flopcast.accounting.flops.counted",
    "fit": "flopcast.fitting.fit",
    "forecast": "flopcast.forecasting.forecast",
    "forecast_accuracy": "flopcast.forecasting.accuracy",
    "forecast_curve": "flopcast.forecasting.learning_curve",
    "forward_compute": "flopcast.accounting.flops.transformer",
    "get_law": "flopcast.laws.registry",
    "isoflop": "flopcast.fitting.isoflop",
    "law_names": "flopcast.laws.registry",
    "needed": "flopcast.forecasting.needed",
    "open_executor": "flopcast.sweeps.executor",
    "open_study": "flopcast.sweeps.opened",
    "read_registration": "flopcast.forecasting.register",
    "read_runs": "flopcast.observations",
    "read_sheet": "flopcast.forecasting.settle",
    "read_study": "flopcast.sweeps.study",
    "register": "flopcast.forecasting.register",
    "report": "flopcast.reports",
    "reproduce": "flopcast.progress.reproduce",
    "run_cells": "flopcast.sweeps.runner",
    "save_chart": "flopcast.figures",
    "sweep": "flopcast.sweeps.sweep",
    "training_compute": "flopcast.accounting.flops.training",
    "training_from_forward": "flopcast.accounting.flops.training",
    "transformer_training": "flopcast.accounting.flops.transformer",
    "with_schedules": "flopcast.fitting.schedules",
}


def __getattr__(name: str) -> Any:
    """The public ``name``, imported from its home on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'flopcast' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted(__all__)
