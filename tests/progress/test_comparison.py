"""Two runs compared: the published decomposition, exact products, refusals and wrong names."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flopcast.errors import InputError, Refused
from flopcast.progress.attribution import Attribution
from flopcast.progress.comparison import compare
from flopcast.progress.decomposition import decompose
from flopcast.records.claims import recomputed
from flopcast.records.query import Catalogue
from flopcast.records.schema import Claim

_SCOPES = ("pretraining", "training", "fine-tuning", "total", "search")
_BLANK = Claim(
    run="a", scope="training", method="hardware_time", basis="peak", hardware=None,
    processors=None, peak=None, format="fp32", time=None, core_days=None, forward=None,
    pass_factor=None, epochs=None, samples=None, dataset=None, flop=None, source="s",
)  # fmt: skip


def test_the_published_decomposition(release: Catalogue) -> None:
    """NASNet-A over AlexNet: 6.03 x rate, 250 x processors, 0.67 x time, 1,005 x in all."""
    found = compare(release, "alexnet", "NASNet-A(6)")
    parts = found.decompositions["peak"]
    assert parts is not None
    ratios = {factor.name: factor.ratio for factor in parts.factors}
    assert ratios["rate"] == pytest.approx(9.53 / 1.58)
    assert ratios["processors"] == 250
    assert ratios["time"] == pytest.approx(4 / 6)
    assert round(parts.ratio) == 1005
    assert found.degree("peak") == pytest.approx(9.2, abs=0.05)
    assert sum(factor.share or 0 for factor in parts.factors) == pytest.approx(1)


def test_the_search_is_named_and_left_out_when_corrected(release: Catalogue) -> None:
    """The known defect is a finding; after corrections there is no ratio to quote."""
    assert any(
        "architecture search" in text
        for text in compare(release, "alexnet", "nasnet-a-6").findings
    )
    found = compare(release, "alexnet", "nasnet-a-6", corrected=True)
    assert found.decompositions == {"peak": None, "operations": None}
    assert found.degree("peak") is None
    assert any("not known for NASNET-A(6)" in text for text in found.findings)  # fmt: skip


def test_compute_time_and_rest_make_the_gain(release: Catalogue) -> None:
    """The three parts add up; swapping the runs turns every sign."""
    forth = compare(release, "alexnet", "nasnet-a-6").attributions["peak"]
    back = compare(release, "nasnet-a-6", "alexnet").attributions["peak"]
    assert isinstance(forth, Attribution)
    assert isinstance(back, Attribution)
    assert forth.compute + forth.time + forth.rest == pytest.approx(forth.gain)
    assert forth.gain == pytest.approx(math.log10(0.367 / 0.173))
    low, high = forth.compute_interval
    assert 0 < low < forth.compute < high
    assert back.compute == pytest.approx(-forth.compute)
    assert back.compute_interval == pytest.approx((-high, -low))


def test_a_split_without_a_slope_is_refused(release: Catalogue) -> None:
    """Where the slope's interval covers zero nothing is attributed to compute."""
    runs = [r for r in release["wmt14-en-de"].runs if recomputed(r.claims, "peak", {}) and r.error]
    found = compare(release, f"wmt14-en-de/{runs[0].id}", f"wmt14-en-de/{runs[-1].id}")
    assert isinstance(found.attributions["peak"], Refused)
    assert "refused" in found.to_dict()["compute"][0]["attribution"]


def test_runs_of_two_benchmarks_have_no_error_ratio(release: Catalogue) -> None:
    """Compute still compares; errors do not, and that is said."""
    found = compare(release, "imagenet-top1/alexnet", "squad/luke")
    assert found.error_ratio is None
    assert not found.attributions
    assert found.decompositions["peak"] is not None
    assert any("do not compare" in text for text in found.findings)


@pytest.mark.parametrize(
    ("names", "options", "words"),
    [
        (("alexnett", "nasnet-a-6"), {}, "Did you mean 'alexnet'"),
        (("alexnet", "resnet-50"), {}, "several runs"),
        (("alexnet", "luke"), {"benchmark": "squad"}, "has no result on"),
        (("alexnet", "luke"), {"benchmark": "squadd"}, "Unknown benchmark"),
        (("imagenet-top1/nothing", "luke"), {}, "no run"),
    ],
)
def test_wrong_names_are_explained(
    release: Catalogue, names: tuple[str, str], options: dict[str, str], words: str
) -> None:
    """Unknown names come with a near one, ambiguous ones with the choices."""
    with pytest.raises(InputError) as error:
        compare(release, *names, **options)  # type: ignore[arg-type]
    assert words in str(error.value)


_AMOUNT = st.floats(min_value=1e-3, max_value=1e6)
_PART = st.builds(
    lambda scope, processors, peak, time: replace(
        _BLANK, scope=scope, processors=processors, peak=peak * 1e12, time=time
    ),
    st.sampled_from(["pretraining", "training", "fine-tuning"]), _AMOUNT, _AMOUNT, _AMOUNT,
)  # fmt: skip
_RUN = st.lists(_PART, min_size=1, max_size=4)


@given(_RUN, _RUN)
def test_factors_multiply_to_the_burden(first: list[Claim], second: list[Claim]) -> None:
    """However many phases and devices: the factors' product is the recomputed burden, exactly."""
    found = decompose(first, second, "peak", {}, _SCOPES)
    assert found is not None
    assert found.first_flop == pytest.approx(recomputed(first, "peak", {}), rel=1e-9)
    assert found.second_flop == pytest.approx(recomputed(second, "peak", {}), rel=1e-9)
    assert math.prod(f.ratio for f in found.factors) == pytest.approx(found.ratio, rel=1e-9)


def test_core_days_merge_number_and_time() -> None:
    """A run in core-days has no number and time of its own, so the other's are multiplied."""
    one = [replace(_BLANK, processors=4.0, peak=1e12, time=86_400.0)]
    other = [replace(_BLANK, hardware="h", peak=2e12, core_days=16.0)]
    found = decompose(one, other, "peak", {"h": 2.0}, _SCOPES)
    assert found is not None
    assert [factor.name for factor in found.factors] == ["rate", "processor_time"]
    assert [factor.ratio for factor in found.factors] == pytest.approx([2.0, 2.0])


def test_an_unknown_ingredient_gives_no_decomposition() -> None:
    """A phase without its time would understate the run."""
    known = [replace(_BLANK, processors=4.0, peak=1e12, time=86_400.0)]
    unknown = [*known, replace(_BLANK, scope="pretraining", processors=4.0, peak=1e12)]
    assert decompose(known, unknown, "peak", {}, _SCOPES) is None
    assert decompose(known, known, "operations", {}, _SCOPES) is None


def test_a_run_against_itself_has_no_shares(release: Catalogue) -> None:
    """All ratios are 1, and a share of nothing is unknown."""
    found = compare(release, "alexnet", "alexnet")
    parts = found.decompositions["operations"]
    assert parts is not None
    assert {factor.ratio for factor in parts.factors} == {1.0}
    assert {factor.share for factor in parts.factors} == {None}
    assert not found.attributions
