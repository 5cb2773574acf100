"""A burden regression, its targets and its budgets, as ``flopcast burden --json`` prints them."""

from pydantic import Field

from flopcast.portal.api.models.common import Answer, Document, Plain, Quantiles, Refusal, Refusing


class Best(Answer):
    """The run with the lowest error among the points."""

    run: str
    error: float
    year: int


class Variation(Answer):
    """The regression with another scope of compute."""

    label: str
    n: int
    slope: float
    exponent: float | None


class Form(Answer):
    """A shape of the curve, and how well it predicted later models."""

    form: str
    label: str
    rmse: float | None
    bias: float | None
    weight: float


class Point(Answer):
    """One point of the regression."""

    run: str
    name: str
    year: int
    error: float
    flop: float
    imputed: bool
    method: str
    residual: float
    paper: str
    url: str | None


class ByForm(Answer):
    """What one shape answers."""

    weight: float
    log10_flop: Quantiles


class Theory(Answer):
    """The theoretical line through the best error of today."""

    exponent: float
    anchor_error: float
    anchor_log10_flop: float
    log10_flop: float
    gap_orders_of_magnitude: float


class PowerLaw(Answer):
    """What the published form alone answers."""

    log10_flop: Quantiles
    log10_flop_point: float
    log10_flop_regression: float
    operations: Quantiles | None = None
    chip_hours: Quantiles | None = None
    usd: Quantiles | None = None
    energy_kwh: Quantiles | None = None
    carbon_kgco2e: Quantiles | None = None
    equivalents: dict[str, Quantiles]


class Target(Answer):
    """What a target error takes."""

    error: float
    basis: str
    flop: Quantiles
    log10_flop: Quantiles
    operations: Quantiles | None
    unreachable_probability: float
    chip_hours: Quantiles | None
    usd: Quantiles | None
    energy_kwh: Quantiles | None
    carbon_kgco2e: Quantiles | None
    shares: dict[str, float] = Field(description="Share of each cause in the variance.")
    by_form: dict[str, ByForm]
    power_law: PowerLaw
    theory: Theory
    equivalents: dict[str, Quantiles]
    equivalent_sources: dict[str, str]
    assumptions: Plain = Field(description="How compute is priced, with sources.")


class RefusedTarget(Refusing):
    """A target that is refused: already met, or not training compute."""

    error: float


class Budget(Answer):
    """An amount of money, energy, carbon or time."""

    quantity: str
    amount: float
    unit: str


class Reach(Answer):
    """The error that a budget reaches."""

    budget: Budget
    flop_bought: Quantiles
    basis: str
    log10_flop: Quantiles
    error: Quantiles
    power_law: Quantiles
    by_form: dict[str, Quantiles]
    beyond_orders_of_magnitude: float


class RefusedReach(Refusing):
    """A budget that buys no training compute."""

    budget: str


class Burden(Document):
    """How error falls with compute; ``refused`` where the data show no slope."""

    benchmark: str
    release: str
    measure: str
    basis: str
    regression: str
    n: int
    imputed: int
    slope: float
    slope_interval: tuple[float, float]
    level: float
    r_squared: float | None
    coefficients: Plain
    exponent: float | None = None
    exponent_interval: tuple[float, float] | None = None
    refused: Refusal | None = None
    best: Best
    variations: list[Variation]
    forms: list[Form]
    points: list[Point]
    targets: list[Target | RefusedTarget]
    budgets: list[Reach | RefusedReach]
