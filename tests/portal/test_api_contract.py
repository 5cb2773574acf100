"""Whatever a stranger sends to the API, it answers as its OpenAPI document says."""

import os
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.core.result import Ok
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

from flopcast.portal import Settings, create_app
from flopcast.portal.api.app import PREFIX
from flopcast.records.query import Catalogue

if TYPE_CHECKING:
    from schemathesis.schemas import BaseSchema

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def schema(release: Catalogue) -> "BaseSchema":
    """The API's own description of itself."""
    app = create_app(Settings(catalogue=release.path))
    return schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", app)


EXAMPLES = int(os.environ.get("FLOPCAST_EXAMPLES", "8"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_request_breaks_the_contract(schema: "BaseSchema", mode: GenerationMode) -> None:
    """Fitting and nonsensical requests are answered as declared, and never with 5xx."""
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) > 20
    for operation in operations:
        if not list(operation.query if mode.is_negative else operation.iter_parameters()):
            continue
        strategy = operation.as_strategy(generation_mode=mode)

        @given(case=strategy)
        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        def ask(case: Any) -> None:
            case.validate_response(case.call(), checks=CHECKS)

        ask()
