"""Identity of cells, outcomes of functions, and when a loss has diverged."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flopcast.errors import InputError
from flopcast.sweeps.canonical import canonical, digest
from flopcast.sweeps.cell import Cell, Planned
from flopcast.sweeps.divergence import Watch
from flopcast.sweeps.outcome import Outcome, failed, judged, not_started
from flopcast.sweeps.owner import Observer, Owner, here, new_owner
from flopcast.sweeps.retry import RetryPolicy
from flopcast.sweeps.state import State

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)
)
CONFIGS = st.dictionaries(st.text(max_size=5), SCALARS | st.lists(SCALARS, max_size=3), max_size=4)


@given(CONFIGS, st.integers(0, 9))
def test_identity_does_not_depend_on_order_or_on_the_way_numbers_are_written(
    config: dict[str, Any], seed: int
) -> None:
    """The same content has the same id; another seed has another; JSON changes nothing."""
    cell = Cell(config, "data", "code", seed)
    turned = Cell(dict(reversed(config.items())), "data", "code", seed)
    assert cell.id == turned.id == Cell.from_dict(cell.to_dict()).id
    assert cell.id != Cell(config, "data", "code", seed + 1).id
    assert cell.id != Cell(config, "data", "other", seed).id
    assert len(cell.id) == 32


def test_whole_numbers_are_one_number() -> None:
    """1, 1.0 and NumPy's 1 are the same; tuples are lists; booleans stay apart."""
    assert canonical({"b": 1.0, "a": (1, 2)}) == '{"a":[1,2],"b":1}'
    assert digest({"n": 1}) == digest({"n": 1.0}) == digest({"n": np.int64(1)})
    assert digest({"n": 1}) != digest({"n": True})
    assert canonical(1e300) == "1e+300"


@pytest.mark.parametrize("bad", [math.nan, math.inf, object(), b"x", {1: 2}, np.ones(3)])
def test_configurations_hold_plain_data(bad: object) -> None:
    """Anything else is refused, and the place is named."""
    with pytest.raises(InputError, match=r"config\.n"):
        Cell({"n": bad})


def test_bad_cells_are_refused() -> None:
    """A config that is no table, a seed that is no number, a cost that is none."""
    with pytest.raises(InputError, match="table"):
        Cell([1])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="whole number"):
        Cell({}, seed=1.5)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="predicted cost"):
        Planned(Cell({}), cost=math.nan)


@pytest.mark.parametrize(
    ("returned", "state", "code"),
    [
        ({"loss": 1}, State.DONE, None),
        ({"loss": np.float32(2.5)}, State.DONE, None),
        ({"loss": np.array(2.5)}, State.DONE, None),
        ({"loss": 1.0, "points": [{"d": 1, "loss": 2.0}]}, State.DONE, None),
        ({"loss": math.nan}, State.DIVERGED, "non_finite"),
        ({"loss": 1.0, "points": [{"loss": math.inf}]}, State.DIVERGED, "non_finite"),
        ({"loss": "low"}, State.FAILED, "bad_result"),
        ({"loss": True}, State.FAILED, "bad_result"),
        ({"loss": np.ones(4)}, State.FAILED, "bad_result"),
        ({"loss": None}, State.FAILED, "bad_result"),
        ({"loss": 10**400}, State.FAILED, "bad_result"),
        ({1: 2.0}, State.FAILED, "bad_result"),
        ({f"m{k}": 1.0 for k in range(1000)}, State.FAILED, "bad_result"),
        ({"points": "many"}, State.FAILED, "bad_result"),
        ({}, State.FAILED, "no_result"),
        (None, State.FAILED, "no_result"),
        ("x" * 10_000_000, State.FAILED, "bad_result"),
        (1.5, State.FAILED, "bad_result"),
    ],
)
def test_what_a_function_returns_is_judged(
    returned: object, state: State, code: str | None
) -> None:
    """Only finite numbers by name are done; the rest is typed, with a short reason."""
    outcome = judged(returned)
    assert (outcome.state, outcome.code) == (state, code)
    assert len(outcome.reason) < 2001
    assert Outcome.from_dict(outcome.to_dict()) == outcome


def test_noise_is_no_divergence_and_explosions_are() -> None:
    """Noisy descent passes; NaN at once; a rise above the start and a sustained jump do not."""
    rng = np.random.default_rng(0)
    watch = Watch()
    descent = 3.0 / np.sqrt(np.arange(1, 500)) + 1.0 + rng.normal(0, 0.05, 499)
    assert all(watch.see(float(loss)) is None for loss in descent)
    assert watch.see(math.nan) == ("non_finite", "the loss is nan")
    spiky = Watch()
    assert all(spiky.see(9.0 if step % 9 == 8 else 2.0) is None for step in range(300))
    rising = Watch()
    codes = [rising.see(1.0 + 0.2 * step) for step in range(30)]
    assert next(k for k, code in enumerate(codes) if code) == 12
    jumping = Watch()
    losses = [5.0] + [1.0 + 0.001 * (k % 3) for k in range(40)] + [4.0] * 10
    found = [jumping.see(loss) for loss in losses]
    assert found[-1] is not None
    assert found[-1][0] == "loss_exploded"
    assert found[:-1] == [None] * (len(losses) - 1)


def test_a_run_at_chance_level_has_not_diverged() -> None:
    """A loss that stays where it started is a result."""
    rng = np.random.default_rng(1)
    watch = Watch()
    assert all(watch.see(float(v)) is None for v in 2.3 + rng.normal(0, 0.05, 1000))


def test_retries() -> None:
    """Passing failures are tried again up to the limit; certain ones and divergence never."""
    policy = RetryPolicy(max_attempts=3, max_lost=4)
    crash, oom, lost = failed("crashed", ""), failed("out_of_memory", ""), failed("lost", "")
    paused = failed("paused", "")
    diverged = Outcome(State.DIVERGED, "non_finite")
    assert policy.next_state([]) is State.PLANNED
    assert policy.next_state([crash, crash]) is State.PLANNED
    assert policy.next_state([crash, lost, crash, crash]) is State.FAILED
    assert policy.next_state([oom]) is State.FAILED
    assert policy.next_state([failed("time_limit", "")]) is State.FAILED
    assert policy.next_state([diverged]) is State.DIVERGED
    assert policy.next_state([lost] * 3) is State.PLANNED
    assert policy.next_state([lost] * 4) is State.FAILED
    assert policy.next_state([paused] * 100) is State.PLANNED
    assert policy.next_state([not_started("")] * 100) is State.PLANNED
    assert policy.next_state([crash, Outcome(State.DONE)]) is State.DONE
    with pytest.raises(InputError, match="1 or more"):
        RetryPolicy(max_attempts=0)


def test_owners_are_judged_by_their_own_signs_of_life() -> None:
    """An owner elsewhere is dead when its age stands still for the time to live, not before."""
    observer, owner = Observer(ttl=60.0), Owner("a", "another machine", 1, 1)
    assert not observer.is_dead(owner, 10.0, now=1000.0)
    assert not observer.is_dead(owner, 10.0, now=1059.0)
    assert not observer.is_dead(owner, 12.0, now=1061.0)
    assert not observer.is_dead(owner, 12.0, now=1120.0)
    assert observer.is_dead(owner, 12.0, now=1122.0)
    assert not observer.is_dead(new_owner(), 0.0)
    assert Observer().is_dead(Owner("b", here(), 2**30, 5), 0.0)
    mine = new_owner()
    assert Observer().is_dead(Owner("c", mine.place, mine.pid, mine.ticks - 1), 0.0)
