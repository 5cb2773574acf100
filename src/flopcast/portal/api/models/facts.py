"""Facts of the catalogue as the API shows them; units are in the names."""

from pydantic import Field

from flopcast.portal.api.models.common import Answer, Named


class Release(Answer):
    """The catalogue release that every answer comes from."""

    id: str
    title: str
    released: str
    cut_off: str = Field(description="Results published after this month are not in it.")
    licence: str
    citation: str
    newest_hardware: str | None
    newest_prices: str | None
    newest_grids: str | None
    schema_version: str
    text_sha256: str = Field(description="SHA-256 of the text that the release is built from.")
    package_version: str
    benchmarks: int
    results: int


class Coverage(Answer):
    """A benchmark in a list: its years, and how many results have which measure."""

    id: str
    name: str
    metric: str
    error: str
    aliases: list[str]
    first_year: int | None
    last_year: int | None
    results: int
    burdens: int = Field(description="Results with a published hardware burden.")
    operations: int = Field(description="Results with published network operations.")
    both: int
    forward: int = Field(description="Results with operations of one forward pass.")


class Benchmark(Coverage):
    """A benchmark in full."""

    task: str
    domain: str
    dataset: str
    split: str | None
    unit: str
    direction: str
    introduced: int
    source: str
    other_metrics: dict[str, str]
    release: str


class Result(Answer):
    """One training run and its score; compute in FLOP, as published."""

    benchmark: str
    run: str
    name: str
    year: int
    value: float | None = Field(description="Score in percent.")
    error: float | None = Field(description="1 - value/100.")
    scores: dict[str, float | None] = Field(description="Further metrics, in percent.")
    params: float | None
    hardware_burden_flop: float | None
    hardware_burden_recomputed_flop: float | None
    network_operations_flop: float | None
    network_operations_recomputed_flop: float | None
    forward_flop: float | None
    implied_utilisation: float | None
    source: str
    paper: str
    url: str | None
    release: str


class Compute(Answer):
    """A run's compute on one basis: as published, recomputed, and training alone."""

    basis: str
    published_flop: float | None
    recomputed_flop: float | None
    difference: float | None = Field(description="recomputed / published - 1.")
    corrected_training_flop: float | None


class Change(Answer):
    """A field that a correction changes."""

    published: str | float | None
    corrected: str | float | None


class Claim(Answer):
    """What one source says of the compute of one phase of one run."""

    benchmark: str
    run: str
    scope: str
    method: str
    basis: str
    flop: float | None
    inputs: dict[str, str | float]
    source: Named
    changes: dict[str, Change]


class Source(Answer):
    """Where a fact was read."""

    id: str
    kind: str
    title: str
    year: int | None
    url: str | None
    licence: str | None


class Correction(Answer):
    """A known defect: the record, the value it holds, and what replaces it."""

    id: str
    table: str
    where: dict[str, str]
    field: str
    expect: str | None
    value: str | None
    reason: str
    source: str


class ImpliedUtilisation(Answer):
    """Share of the hardware burden that the counted operations make up."""

    published: float | None
    corrected: float | None


class Run(Answer):
    """One run in full: score, compute on both bases, every claim, every correction."""

    benchmark: str
    run: str
    name: str
    year: int
    metric: str
    value: float | None
    error: float | None
    scores: dict[str, float]
    params: float | None
    source: Source
    compute: list[Compute]
    implied_utilisation: ImpliedUtilisation
    claims: list[Claim]
    corrections: list[Correction]
    release: str


class Model(Answer):
    """A named model."""

    id: str
    name: str
    params: float | None
    source: str


class ModelInFull(Model):
    """A model with all its runs."""

    runs: list[Run]


class Peak(Answer):
    """Dense peak rate in one numeric format."""

    format: str
    flop_per_s: float
    source: str


class Hardware(Answer):
    """A processor as counted: one chip, or a board of several."""

    id: str
    name: str
    vendor: str
    kind: str
    chips: float
    cores: float | None
    released: str | None
    tdp_watts: float | None
    memory_bytes: float | None
    release_price_usd: float | None
    aliases: list[str]
    peaks: list[Peak]
    source: str


class Price(Answer):
    """A price on a date: USD per hour of one processor, or to own it."""

    hardware: str
    date: str
    provider: str | None
    region: str | None
    commitment: str
    usd: float = Field(description="USD per hour; for the commitment purchase, USD.")
    url: str
    source: str


class Grid(Answer):
    """Carbon intensity of a zone's electricity in a year."""

    zone: str
    name: str
    year: int
    basis: str
    kgco2e_per_kwh: float
    source: str


class TrainingRun(Answer):
    """A training run whose parameters, tokens, processor and hours are stated."""

    id: str
    family: str
    name: str
    params: float
    tokens: float
    hardware: str
    chip_hours: float
    source: str


class Matches(Answer):
    """What a search found, by kind."""

    text: str
    models: list["FoundModel"]
    runs: list["FoundRun"]
    hardware: list["FoundHardware"]
    sources: list["FoundSource"]


class FoundModel(Answer):
    """A model that a search found."""

    id: str
    name: str
    params: float | None


class FoundRun(Answer):
    """A run that a search found."""

    id: str = Field(description="benchmark/run")
    name: str
    year: int
    value: float | None


class FoundHardware(Answer):
    """A processor that a search found."""

    id: str
    name: str
    released: str | None
    aliases: list[str]


class FoundSource(Answer):
    """A source that a search found."""

    id: str
    title: str
    year: int | None
    url: str | None
