"""Facts of runs as arrays: the same as run by run, also for some of the runs."""

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flopcast.records.claims import TRAINING_SCOPES, forward_flop, recomputed, stated
from flopcast.records.columns import Columns
from flopcast.records.query import BenchmarkRuns, Catalogue
from flopcast.records.schema import Basis

_BASES: tuple[Basis, ...] = ("peak", "operations")
_SCOPES = (TRAINING_SCOPES, (*TRAINING_SCOPES, "search"), ("search",), ("training",), ())


def _of(values: list[float | None]) -> npt.NDArray[np.float64]:
    return np.array(values, dtype=float)


def test_columns_are_what_each_run_says(release: Catalogue) -> None:
    """To the digit, for every benchmark, basis and choice of phases."""
    for name in release:
        found = release[name]
        columns, runs = found.columns, found.runs
        same = np.testing.assert_array_equal
        same(columns.year, _of([run.year for run in runs]))
        same(columns.error, _of([run.error for run in runs]))
        same(columns.forward, _of([forward_flop(run.claims) for run in runs]))
        for basis in _BASES:
            same(columns.stated(basis), _of([stated(run.claims, basis) for run in runs]))
            corrected = [stated(run.corrected_claims, basis) for run in runs]
            same(columns.stated_corrected(basis), _of(corrected))
        for basis, scopes in product(_BASES, _SCOPES):
            ours = [recomputed(r.corrected_claims, basis, found.cores, scopes) for r in runs]
            same(columns.recomputed(basis, scopes), _of(ours))
        counted = [
            any(claim.method == "operation_count" for claim in run.corrected_claims)
            for run in runs
        ]
        same(columns.counted, np.array(counted, dtype=bool))


@pytest.fixture(scope="module")
def whole(release: Catalogue) -> BenchmarkRuns:
    """ImageNet, with some columns made already."""
    found = release["imagenet-top1"]
    assert found.columns.stated("peak").size == len(found.runs)
    assert found.columns.recomputed("peak", TRAINING_SCOPES).size == len(found.runs)
    return found


@given(data=st.data())
def test_some_runs_have_their_own_columns(whole: BenchmarkRuns, data: st.DataObject) -> None:
    """Taking runs takes their columns with them; made anew they are the same."""
    places = data.draw(st.lists(st.integers(0, len(whole.runs) - 1), unique=True))
    part = whole.take(np.array(sorted(places), dtype=np.intp))
    fresh = Columns(part.runs, whole.cores)
    assert [run.id for run in part.runs] == [whole.runs[place].id for place in sorted(places)]
    assert part.overlap == whole.overlap
    same = np.testing.assert_array_equal
    ours = part.columns
    same(ours.stated("peak"), fresh.stated("peak"))
    same(ours.year, fresh.year)
    same(ours.error, fresh.error)
    same(ours.recomputed("peak", TRAINING_SCOPES), fresh.recomputed("peak", TRAINING_SCOPES))


def test_a_claim_without_correction_is_held_once(release: Catalogue) -> None:
    """As published and corrected are one object where nothing changed."""
    runs = release["imagenet-top1"].runs
    pairs = [(a, b) for run in runs for a in run.claims for b in run.corrected_claims if a == b]
    assert pairs
    assert all(a is b for a, b in pairs)
