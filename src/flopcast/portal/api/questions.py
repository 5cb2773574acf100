"""What may be asked of a benchmark: the parameters of a burden, with what compute costs."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal, final

from fastapi import Query

from flopcast.accounting.affordable import Affordable, affordable
from flopcast.accounting.assumptions import Assumptions, for_chip
from flopcast.accounting.presets import DEFAULT_PRESET, preset
from flopcast.errors import InputError, nearest
from flopcast.progress.burden import Burden, burden
from flopcast.records.query import BenchmarkRuns, Catalogue
from flopcast.records.schema import Format

#: Targets and budgets that one request may name.
MOST: Final = 5
Words = Annotated[str | None, Query(max_length=100)]
Positive = Annotated[float | None, Query(gt=0, le=1e12)]
Share = Annotated[float | None, Query(gt=0, le=1)]
Seed = Annotated[int, Query(ge=0, le=2**31 - 1, description="Seed of every random draw.")]


@final
@dataclass(frozen=True)
class BurdenQuestion:
    """How a benchmark's burden is regressed."""

    measure: Annotated[
        Literal["hardware", "network", "forward", "consolidated", "preferred"],
        Query(description="Which claims of compute count."),
    ] = "consolidated"
    regress: Literal["ols", "quantile", "inverse", "orthogonal"] = "ols"
    errors: Annotated[
        Literal["classical", "hc3", "cluster"], Query(description="Standard errors of ols.")
    ] = "classical"
    year: Annotated[bool, Query(description="Add the publication year as a regressor.")] = False
    search: Annotated[
        bool, Query(description="Count architecture search (measure preferred).")
    ] = False
    pretraining: Annotated[bool, Query(description="Count pre-training (measure preferred).")] = (
        True
    )
    level: Annotated[
        float, Query(gt=0, lt=1, description="Level of the intervals of slope and exponent.")
    ] = 0.95

    def answer(self, runs: BenchmarkRuns) -> Burden:
        """The regression.

        Raises:
            InputError: for options that do not go together.
            Refused: with too few points.
        """
        return burden(
            runs,
            measure=self.measure,
            regress=self.regress,
            errors=self.errors,
            with_year=self.year,
            include_search=self.search,
            include_pretraining=self.pretraining,
            level=self.level,
        )


@final
@dataclass(frozen=True)
class PriceQuestion:
    """What compute costs: a preset, and what to change in it."""

    preset: Annotated[str, Query(max_length=100)] = DEFAULT_PRESET
    chip: Annotated[Words, Query(description="A processor of the catalogue.")] = None
    chip_format: Annotated[Format, Query(description="Numeric format on that chip.")] = "bf16"
    price: Annotated[Positive, Query(description="USD per chip-hour.")] = None
    utilisation: Annotated[Share, Query(description="Share of the chip's peak.")] = None
    pue: Annotated[float | None, Query(ge=1, le=100)] = None
    grid: Annotated[
        float | None, Query(ge=0, le=100, description="kgCO2e per kWh of electricity.")
    ] = None

    def assumptions(self, catalogue: Catalogue) -> Assumptions:
        """The assumptions these come to.

        Raises:
            InputError: for an unknown preset, chip or format.
        """
        base = preset(self.preset)
        if self.chip is not None:
            peaks = catalogue.peaks(self.chip)
            if self.chip_format not in peaks:
                known = f"{nearest(self.chip_format, peaks)} It has {', '.join(peaks) or 'none'}."
                raise InputError(f"{self.chip} has no peak rate for {self.chip_format!r}.{known}")
            peak, chip = peaks[self.chip_format], catalogue.processor(self.chip)
            title = catalogue.sources[peak.source].title
            base = for_chip(base, chip.id, self.chip_format, peak.peak, chip.tdp, title, chip.kind)
        return base.replace(
            usd_per_hour=self.price,
            utilisation=self.utilisation,
            pue=self.pue,
            kg_per_kwh=self.grid,
        )

    def affordable(self, budget: str, catalogue: Catalogue, seed: int) -> Affordable:
        """What a budget buys.

        Raises:
            InputError: for a budget that cannot be read.
        """
        return affordable(
            budget,
            hardware=self.chip,
            format=None if self.chip is None else self.chip_format,
            utilisation=self.utilisation,
            price=self.price,
            pue=self.pue,
            grid=self.grid,
            preset=self.preset if self.chip is None else None,
            catalogue=catalogue,
            seed=seed,
        )
