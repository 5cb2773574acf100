"""Models, processors, names, coverage, citations: rows of a release that pages and files show."""

import re
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flopcast.errors import InputError
from flopcast.records.cite import bibtex, bibtex_of
from flopcast.records.coverage import coverage, table_counts
from flopcast.records.find import find
from flopcast.records.models import model_named, model_rows, models_of, runs_of, totals
from flopcast.records.prices import quotes
from flopcast.records.processors import processor_facts, processor_rows
from flopcast.records.query import Catalogue
from flopcast.records.schema import Source


def test_every_model_is_a_row(release: Catalogue) -> None:
    """Results, first year and the largest published compute are those of the model's runs."""
    rows = {row["id"]: row for row in model_rows(release)}
    assert sum(row["results"] for row in rows.values()) == sum(release.counts().values())
    assert rows["alexnet"]["hardware_burden_flop"] == 1.6e18
    assert rows["luke"]["benchmarks"] == [id for id in release if id in rows["luke"]["benchmarks"]]
    assert len(rows["luke"]["benchmarks"]) == rows["luke"]["results"] == 2
    assert rows["alexnet"]["year"] == 2012


def test_runs_and_models_lead_to_each_other(release: Catalogue) -> None:
    """The model of each run has that run."""
    for benchmark in release:
        for run, model in list(models_of(release, benchmark).items())[:20]:
            assert (benchmark, run) in runs_of(release, model)


def test_a_model_is_found_by_id_or_name(release: Catalogue) -> None:
    """Upper and lower case are alike; a wrong name comes with a near one."""
    assert model_named(release, "NASNET-a(6)").id == "nasnet-a-6"
    with pytest.raises(InputError, match="Did you mean 'alexnet'"):
        model_named(release, "alexnett")


def test_totals_say_who_says_what(release: Catalogue) -> None:
    """A compilation's figure beside the ingredients'; their spread; whether they agree."""
    imagenet = release["imagenet-top1"]
    peak = [t for t in totals(release, imagenet, imagenet.run("alexnet")) if t["basis"] == "peak"]
    assert [t["says"] for t in peak] == ["a compilation", "the ingredients"]
    assert peak[0]["source"]["id"] == "thompson-2022"
    assert peak[0]["spread"] == pytest.approx(peak[1]["flop"] / peak[0]["flop"])
    assert peak[0]["agree"]
    everywhere = [t for run in imagenet.runs for t in totals(release, imagenet, run)]
    assert all(t["spread"] >= 1 for t in everywhere)


def test_processors_are_rows_with_peaks_and_prices(release: Catalogue) -> None:
    """Rates by format, efficiency from peak and TDP, price of the newest quotes."""
    rows = {row["id"]: row for row in processor_rows(release)}
    assert rows.keys() == release.hardware.keys()
    h100 = rows["h100-sxm5-80gb"]
    assert h100["training_format"] == "bf16"
    assert h100["flop_per_joule"] == pytest.approx(h100["bf16_flop_per_s"] / h100["tdp_w"])
    found = quotes(release, "h100-sxm5-80gb", "on-demand")
    assert found is not None
    assert h100["usd_per_hour"] == median(found.usd)
    assert rows["gtx-580"]["bf16_flop_per_s"] is None
    assert rows["titan-x-pascal"]["usd_per_hour"] is None
    dates = [row["released"] for row in rows.values() if row["released"]]
    assert dates == sorted(dates)


def test_a_processor_in_full_names_its_sources(release: Catalogue) -> None:
    """Peaks, prices and the runs charged with it, each with where it was read."""
    facts = processor_facts(release, "Tesla P100 PCIe 16GB")
    assert facts["id"] == "p100-pcie-16gb"
    assert all(part["source"]["title"] for part in (*facts["peaks"], *facts["prices"]))
    assert {"benchmark": "imagenet-top1", "run": "nasnet-a-6", "model": "nasnet-a-6",
            "name": "NASNET-A(6)"} in facts["charged_in"]  # fmt: skip
    assert len(facts["charged_in"]) == facts["runs"]


def test_find_looks_in_names(release: Catalogue) -> None:
    """Aliases and addresses count, signs of patterns are letters, a limit holds."""
    assert [row["id"] for row in find(release, "squad")["benchmarks"]] == ["squad11-em"]
    assert [row["id"] for row in find(release, "IMAGENET")["benchmarks"]] == ["imagenet-top1"]
    assert find(release, "1707.07012")["sources"]
    assert len(find(release, "a", limit=3)["models"]) == 3
    with pytest.raises(InputError):
        find(release, "  ")


@given(st.text(min_size=1, max_size=20))
def test_any_text_is_looked_for_as_it_is(release: Catalogue, text: str) -> None:
    """No text breaks the query, and what is found holds it (as far as ASCII case goes)."""
    if not text.strip():
        return
    wanted = text.strip().casefold()
    for row in find(release, text)["models"]:
        assert wanted in f"{row['id']} {row['name']}".casefold() or not text.isascii()


def test_coverage_counts_what_is_there(release: Catalogue) -> None:
    """Results and years by benchmark, records by table."""
    rows = {row["benchmark"]: row for row in coverage(release)}
    assert {id: row["results"] for id, row in rows.items()} == release.counts()
    assert (rows["imagenet-top1"]["first_year"], rows["imagenet-top1"]["last_year"]) == (
        2012,
        2022,
    )
    assert table_counts(release)["hardware"] == len(release.hardware)


def test_citations_are_bibtex(release: Catalogue) -> None:
    """Braces balance, signs are escaped, the release and the address are named."""
    entry = bibtex(release, url="https://example.org/data")
    assert release.release["id"] in entry
    assert "url = {https://example.org/data}" in entry
    odd = Source(
        id="x-1", kind="paper", title="50% & more_{things}", year=None, url=None, licence=None
    )
    for text in (entry, bibtex_of(odd), bibtex_of(release.sources["thompson-2022"])):
        bare = re.sub(r"\\[{}]", "", text)
        assert bare.count("{") == bare.count("}")
        assert re.match(r"@misc\{[\w-]+,\n", text)
    assert r"50\% \& more\_\{things\}" in bibtex_of(odd)
