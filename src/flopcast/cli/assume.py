"""The options of every verb that prices compute."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from flopcast.accounting.affordable import Affordable
    from flopcast.accounting.assumptions import Assumptions
    from flopcast.records.query import Catalogue


@Parameter(name="*")
@dataclass(frozen=True)
class Pricing:
    """What compute costs: a preset, and what to change in it.

    Attributes:
        preset: cloud-h100-2025, cloud-a100-2025, computer-progress-2022, strubell-2019,
            patterson-2021, ml-co2-impact or epoch-2024.
        chip: Another chip of the catalogue, such as h200-sxm, at the median of its newest
            on-demand prices unless --price is given.
        format: Numeric format on that chip: bf16, fp16, tf32, fp32, fp8.
        price: USD per chip-hour.
        utilisation: Share of the chip's peak that training achieves, in (0, 1].
        pue: Power usage effectiveness of the data centre, at least 1.
        grid: Carbon intensity of its electricity, kgCO2e per kWh.
    """

    preset: str = "cloud-h100-2025"
    chip: str | None = None
    format: Annotated[str, Parameter(name="--chip-format")] = "bf16"
    price: float | None = None
    utilisation: float | None = None
    pue: float | None = None
    grid: float | None = None

    def assumptions(self, catalogue: "Catalogue") -> "Assumptions":
        """The assumptions these options come to.

        Raises:
            InputError: for an unknown preset, chip or format, or a value out of range.
        """
        from flopcast.accounting.assumed import assumed

        return assumed(
            catalogue,
            preset_name=self.preset,
            chip=self.chip,
            format=self.format,
            price=self.price,
            utilisation=self.utilisation,
            pue=self.pue,
            grid=self.grid,
        )

    def affordable(self, budget: str, catalogue: "Catalogue", seed: int) -> "Affordable":
        """What a budget buys under these options.

        Raises:
            InputError: for a budget that cannot be read, or an option out of range.
        """
        from flopcast.accounting.affordable import affordable

        return affordable(
            budget,
            hardware=self.chip,
            format=None if self.chip is None else self.format,
            utilisation=self.utilisation,
            price=self.price,
            pue=self.pue,
            grid=self.grid,
            preset=self.preset if self.chip is None else None,
            catalogue=catalogue,
            seed=seed,
        )
