"""What the pages of own runs show: the form as it was filled in, and a result in words."""

from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup

from flopcast.errors import FlopcastError
from flopcast.figures.inline import inlined
from flopcast.laws.registry import get_law, law_names
from flopcast.portal.own_runs.question import CONVENTIONS, METRICS, ROLES
from flopcast.portal.own_runs.reading import LARGEST
from flopcast.portal.own_runs.store import DAYS
from flopcast.portal.own_runs.table import MOST_COLUMNS, MOST_ROWS

ROLE_LABELS: Final = {"params": "Parameters", "data": "Data (tokens)", "compute": "Compute (FLOP)"}
#: A table to try the form with: the law of Hoffmann et al. 2022 (arXiv:2203.15556, approach 3:
#: 1.69 + 406.4 N^-0.34 + 410.7 D^-0.28) at ten sizes, to three decimals.
EXAMPLE: Final = """params,data,loss
2.0e7,1.0e9,4.269
2.0e7,4.0e9,3.870
8.0e7,1.0e9,3.766
8.0e7,4.0e9,3.367
8.0e7,1.6e10,3.096
3.2e8,4.0e9,3.053
3.2e8,1.6e10,2.782
3.2e8,6.4e10,2.599
1.3e9,1.6e10,2.584
1.3e9,6.4e10,2.401
"""


def start_context(
    form: Mapping[str, str], text: str, error: FlopcastError | None = None
) -> dict[str, Any]:
    """The form, filled in as it was sent, with what is wrong with it."""
    return {
        "title": "Your own runs",
        "form": {name: form.get(name, "") for name in _NAMES},
        "table": text,
        "error": error,
        "metrics": METRICS,
        "conventions": CONVENTIONS,
        "roles": ROLE_LABELS,
        "laws": {name: get_law(name).title for name in law_names()},
        "limits": {"kib": LARGEST // 1024, "rows": MOST_ROWS, "columns": MOST_COLUMNS},
        "days": DAYS,
        "found": None,
        "example": EXAMPLE,
    }


_NAMES: Final = (
    "metric", "metric_column", "best", "law", "convention", *ROLES,
    *(f"at_{role}" for role in ROLES),
)  # fmt: skip


def result_context(found: Mapping[str, Any]) -> dict[str, Any]:
    """A result: its documents, and its picture without a width of its own."""
    document = found["document"]
    drawn = None
    if found["svg"] is not None:
        drawn = Markup("".join(_inline(found, name) for name in ("wide", "slim")))
    return {
        "found": document,
        "fit": document["fit"],
        "forecast": document["forecast"],
        "svg": drawn,
        "days": DAYS,
    }


def _inline(found: Mapping[str, Any], name: str) -> str:
    """One of the two drawings, of which the page's width shows one."""
    drawing = inlined(
        found["svg" if name == "wide" else "slim"],
        id=f"own-{name}",
        title="The runs and the fitted law",
        description="The table on this page has the parameters of the law.",
    )
    return f'<div class="{name}">{drawing}</div>'
