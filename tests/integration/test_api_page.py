"""The API page and its document: groups, summaries, examples, and what the page may load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from hinode.api.docs.document import openapi_document
from hinode.api.docs.groups import GROUPS
from hinode.api.docs.routes import page_headers
from hinode.api.routing import RouteTable
from hinode.testing.server import LiveServer
from tests.support import patient

JSON = "application/json"
DIALECTS = ["OpenAI", "Tasks", "Sora", "Signed URLs", "App", "Admin", "Operations"]
MAIN = {
    "createVideo", "remixVideo", "createImage", "createChatCompletion", "createBatch",
    "createTask", "soraCreate", "soraPublish", "updateJob", "adminCreateAccount",
}  # fmt: skip


@pytest.fixture(scope="module")
def document(idle: LiveServer) -> dict[str, Any]:
    found: dict[str, Any] = patient.get(f"{idle.url}/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def test_groups_are_described_and_stand_dialect_by_dialect(document: dict[str, Any]) -> None:
    assert document["tags"] == [{"name": k, "description": v} for k, v in GROUPS.items()]
    dialects = [name.partition(":")[0] for name in GROUPS]
    assert list(dict.fromkeys(dialects)) == DIALECTS
    assert dialects == sorted(dialects, key=DIALECTS.index)
    assert {one["tags"][0] for one in operations(document)} == set(GROUPS)


def test_summaries_are_unique_and_descriptions_do_not_repeat_them(
    document: dict[str, Any],
) -> None:
    summaries = Counter(one["summary"] for one in operations(document))
    assert [name for name, count in summaries.items() if count > 1 or not name] == []
    assert not [
        one["operationId"]
        for one in operations(document)
        if one["summary"].rstrip(".") == one.get("description", "-").rstrip(".")
    ]


def test_the_task_dialect_has_its_own_tag(document: dict[str, Any]) -> None:
    tagged = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation["tags"] == ["Tasks"]
    }

    assert tagged == {
        "POST /v1/videos/generations",
        "GET /v1/tasks",
        "GET /v1/tasks/{task_id}",
        "DELETE /v1/tasks/{task_id}",
        "GET /v1/credits",
        "GET /v1/usage",
        "GET /v1/callback_secret",
        "POST /v1/callback_secret/rotate",
        "GET /v1/callbacks",
        "POST /v1/callbacks/{callback_id}/resend",
    }


def test_it_shows_content_types_and_errors(document: dict[str, Any]) -> None:
    create = document["paths"]["/v1/videos"]["post"]
    assert {JSON, "multipart/form-data"} <= set(create["requestBody"]["content"])
    assert create["requestBody"]["content"][JSON]["examples"]
    for status in ("400", "401", "403", "404", "409", "413", "415", "429", "500", "default"):
        assert create["responses"][status]["content"][JSON]["schema"] == {
            "$ref": "#/components/schemas/ErrorEnvelope"
        }
    assert "bearer" in str(document["components"]["securitySchemes"])


def test_every_example_fits_its_schema(document: dict[str, Any]) -> None:
    seen = set()
    for one in operations(document):
        content = one.get("requestBody", {}).get("content", {}).get(JSON, {})
        answered = next(iter(one["responses"].values())).get("content", {}).get(JSON, {})
        for example in content.get("examples", {}).values():
            assert example["summary"]
            validate(document, content["schema"], example["value"], one["operationId"])
        if "example" in answered:
            validate(document, answered["schema"], answered["example"], one["operationId"])
        if "examples" in content and "example" in answered:
            seen.add(one["operationId"])
    assert seen >= MAIN


def test_every_body_of_the_web_apps_and_operators_calls_has_an_example(
    document: dict[str, Any],
) -> None:
    bodies = {
        one["operationId"]: one["requestBody"]["content"].get(JSON, {})
        for one in operations(document)
        if one["tags"][0].startswith(("App", "Admin")) and "requestBody" in one
    }
    assert [name for name, content in bodies.items() if not content.get("examples")] == []
    assert bodies


def validate(document: dict[str, Any], schema: Any, example: Any, where: str) -> None:
    whole = {**schema, "components": document["components"]}
    errors = list(jsonschema_rs.Draft202012Validator(whole).iter_errors(example))
    assert not errors, f"{where}: {[(one.instance_path, one.message) for one in errors]}"


@pytest.mark.parametrize(
    ("public_url", "servers", "may_call"),
    [
        ("", ["./"], "'self'"),
        (
            "https://films.example/sora/",
            ["https://films.example/sora", "./"],
            "'self' https://films.example",
        ),
    ],
)
def test_servers_are_relative_and_begin_with_the_public_url(
    public_url: str, servers: list[str], may_call: str
) -> None:
    policy = page_headers(public_url)["content-security-policy"]
    assert f"connect-src {may_call};" in policy
    made = openapi_document(RouteTable(), public_url)
    assert [one["url"] for one in made["servers"]] == servers


def test_the_page_needs_nothing_from_elsewhere_and_may_load_nothing_else(
    idle: LiveServer,
) -> None:
    answer = patient.get(f"{idle.url}/docs")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    assert "<style" not in answer.text
    names = ("start.js", "docs.css", "swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")
    for name in names:
        assert f'"docs/{name}"' in answer.text
        assert patient.get(f"{idle.url}/docs/{name}").status_code == 200
    assert '"../docs/start.js"' in patient.get(f"{idle.url}/docs/").text
    assert patient.get(f"{idle.url}/docs/%2e%2e%2fpage.py").status_code == 404
    assert patient.get(f"{idle.url}/docs/examples.json").status_code == 404
