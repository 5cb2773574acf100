"""The cap of a budget holds, whatever is reserved, settled and lost."""

import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flopcast.errors import InputError
from flopcast.sweeps.budget import Account, Budget, BudgetUnit
from flopcast.sweeps.cell import Cell, Planned
from flopcast.sweeps.leases import Leases
from flopcast.sweeps.outcome import Outcome, failed
from flopcast.sweeps.owner import Observer, Owner, here
from flopcast.sweeps.state import State
from flopcast.sweeps.store import Store

COSTS = st.floats(0.0, 50.0)
SHARES = st.floats(0.0, 1.0)


@settings(max_examples=50)
@given(st.floats(1.0, 100.0), st.lists(st.tuples(COSTS, SHARES, st.booleans()), max_size=40))
def test_an_account_never_promises_more_than_the_cap(
    cap: float, moves: list[tuple[float, float, bool]]
) -> None:
    """Any order of promises and settlements keeps spent + reserved within the cap."""
    account = Account(cap, "flop")
    open_promises: list[float] = []
    for amount, share, settles in moves:
        if settles and open_promises:
            promised = open_promises.pop(0)
            account = account.settled(promised, share * promised)
        elif account.affords(amount):
            account = account.promised(amount)
            open_promises.append(amount)
        assert account.spent + account.reserved <= cap * (1.0 + 1e-12)
        assert account.left is not None
        assert account.left >= 0.0


MOVES = st.lists(
    st.tuples(st.sampled_from(["take", "done", "fail", "lose"]), st.integers(0, 1), SHARES),
    max_size=25,
)


@settings(max_examples=12)
@given(st.lists(COSTS, min_size=1, max_size=8), st.floats(5.0, 120.0), MOVES)
def test_the_cap_holds_over_owners_failures_and_losses(
    costs: list[float], cap: float, moves: list[tuple[str, int, float]]
) -> None:
    """Two owners of one store lease, finish, fail and die; the ledger never exceeds the cap."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "s", budget=Budget(cap, "flop", margin=1.5))
        store.add([Planned(Cell({"n": n}), cost) for n, cost in enumerate(costs)])
        owners = [_owner(store, name) for name in "ab"]
        held: list[list[tuple[str, int, float]]] = [[], []]
        for kind, who, share in moves:
            if kind == "take":
                for lease in owners[who].take(2):
                    amount = store.ledger.amount(lease.cost)
                    held[who].append((lease.cell.id, lease.attempt, amount))
            elif kind == "lose":
                live = Leases(store, owner=Owner("live", "there", 1, 1), observer=Observer())
                live.reclaim()
                held = [[], []]
            elif held[who]:
                cell, attempt, amount = held[who].pop()
                good = Outcome(State.DONE, metrics={"loss": 1.0}, flop=share * amount)
                bad = failed("crashed", "", flop=share * amount)
                owners[who].finish([(cell, attempt, good if kind == "done" else bad)])
            account = store.ledger.account()
            assert account.spent + account.reserved <= cap * (1.0 + 1e-12)
        entries = store.ledger.entries()
        charged = sum(entry.charged or 0.0 for entry in entries)
        outstanding = sum(entry.reserved for entry in entries if entry.charged is None)
        account = store.ledger.account()
        assert account.spent == pytest.approx(charged)
        assert account.reserved == pytest.approx(outstanding)
        done = [row for row in store.rows() if row.state is State.DONE]
        assert all(row.metrics == {"loss": 1.0} for row in done)
        store.close()


def _owner(store: Store, name: str) -> Leases:
    """An owner that is gone as soon as somebody asks: no process has its number."""
    return Leases(store, owner=Owner(name, here(), 2**30, 1))


@pytest.mark.parametrize(
    ("unit", "per_second", "limit", "reserved"),
    [
        ("seconds", None, 12.5, 13.5),
        ("usd", 0.5, 25.0, 13.0),
        ("kwh", 0.25, 50.0, 12.75),
    ],
)
def test_time_is_money(
    unit: BudgetUnit, per_second: float | None, limit: float, reserved: float
) -> None:
    """The limit is cost × margin in time; one second of killing time is reserved on top."""
    budget = Budget(100.0, unit, per_second)
    assert budget.seconds_limit(10.0) == pytest.approx(limit)
    assert budget.reservation(10.0) == pytest.approx(reserved)
    assert budget.flop_limit(10.0) is None
    outcome = failed("time_limit", "", seconds=4.0)
    charged, assumed = budget.charge(outcome, 13.0)
    assert charged == pytest.approx(4.0 * (per_second or 1.0))
    assert not assumed
    assert Budget.from_dict(budget.to_dict()) == budget


def test_flop_is_what_was_reported_else_all_that_was_reserved() -> None:
    """A run that reported no FLOP is charged its reservation, and that is marked as assumed."""
    budget = Budget(1e18, "flop", margin=1.0)
    assert budget.flop_limit(1e15) == 1e15
    assert budget.seconds_limit(1e15) is None
    assert budget.charge(Outcome(State.DONE, flop=9e14), 1e15) == (9e14, False)
    assert budget.charge(failed("killed", ""), 1e15) == (1e15, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"unit": "flops"}, "Did you mean 'flop'"),
        ({"cap": -1.0}, "above 0"),
        ({"cap": math.nan}, "above 0"),
        ({"unit": "usd", "cap": 1.0}, "per_second"),
        ({"margin": 0.5}, "1 or more"),
    ],
)
def test_bad_budgets_are_refused(arguments: dict[str, object], words: str) -> None:
    """The message has the value and the rule."""
    with pytest.raises(InputError, match=words):
        Budget(**arguments)  # type: ignore[arg-type]
