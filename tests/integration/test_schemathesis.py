"""Whatever fits the OpenAPI document, and much that does not, is answered, and never with a 5xx."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from hinode.core.auth.types import DEFAULT_SCOPES, Scope
from hinode.testing.server import LiveServer
from tests.support import patient

# The server's threads in this process draw random numbers while strategies are at work.
pytestmark = [
    pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning"),
]

# CI runs the many when the API is touched; two are for a slip elsewhere.
EXAMPLES = [2, pytest.param(30, marks=pytest.mark.full)]
ENVELOPES = {
    "OpenAI": {"message", "type", "param", "code"},
    "Tasks": {"message", "type", "code"},
    "Admin": {"message", "type", "code"},
    "App": {"message", "type", "param", "code"},
}

NO_VALIDATION = "Unsupported type: 'Binary'"
PAGES = {"Sora: share pages"}
"""What people look at: failures are pages too."""

NOT_TRIED = {"followAccount", "adminFollowPlace", "adminRunDoctor"}
"""Streams that end with their reader, and what starts a process each time; all have own tests."""

PLAIN = {"type", "title", "description"}
"""What a schema says of a string that may be any."""

BOUNDED = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("examples", EXAMPLES)
def test_nothing_makes_the_server_fail(live: LiveServer, examples: int) -> None:
    document = patient.get(f"{live.url}/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=live.url)
    headers = {"authorization": live.new_key("fuzzer", DEFAULT_SCOPES | {Scope.ADMIN})}
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) > 10

    for operation in operations:
        if operation.definition.raw["operationId"] in NOT_TRIED:
            continue
        for mode in modes(operation.definition.raw):

            @settings(BOUNDED, max_examples=examples)
            @given(operation.as_strategy(generation_mode=mode))
            def every_answer_is_proper(case: Any) -> None:
                check(case.call(headers=headers, timeout=20), case)

            try:
                every_answer_is_proper()
            except ValueError as error:
                # Schemathesis 4.32 cannot validate some wrong forms with files that it makes.
                if mode is not GenerationMode.NEGATIVE or str(error) != NO_VALIDATION:
                    raise


def modes(operation: dict[str, Any]) -> list[GenerationMode]:
    """Return how to try an operation: one that takes any words cannot be asked wrongly."""
    limited = (
        "requestBody" in operation
        or operation.get("security")
        or any(
            one["schema"].keys() - PLAIN or one["schema"]["type"] != "string"
            for one in operation.get("parameters", ())
        )
    )
    return list(GenerationMode) if limited else [GenerationMode.POSITIVE]


def check(response: Any, case: Any) -> None:
    """No 5xx, and every failure in the envelope."""
    assert response.status_code < 500, f"{case.as_curl_command()}\n{response.text}"
    if response.status_code >= 400 and case.method != "HEAD":
        tag = case.operation.definition.raw["tags"][0]
        if tag in PAGES:
            assert response.headers["content-type"] == ["text/html; charset=utf-8"]
            return
        assert response.headers["content-type"] == ["application/json"]
        # The Sora dialect has a place for facts beside the message.
        found = set(response.json()["error"]) - {"details"}
        assert found == ENVELOPES.get(tag.partition(":")[0], ENVELOPES["OpenAI"])
