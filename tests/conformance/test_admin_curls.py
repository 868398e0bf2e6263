"""Every curl example of the admin API's page works as it stands there, with host and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from hinode.core.auth.types import DEFAULT_SCOPES, Scope
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.curl import commands, read_curl

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "admin-api.md"


@pytest.mark.our_choice
def test_the_page_can_be_followed_from_top_to_bottom(idle: LiveServer) -> None:
    key = idle.new_key("boss", DEFAULT_SCOPES | {Scope.ADMIN})
    blanks = {"$HINODE": idle.url, "$ADMIN_KEY": key}
    answers = {}
    with patient.Client() as client:
        for title, command in commands(PAGE.read_text(encoding="utf-8")).items():
            answer = read_curl(_filled(command, blanks)).send(client)
            assert answer.status_code == 200, (title, answer.text)
            answers[title] = answer.json()
            if "secret" in answers[title]:
                blanks["$KEY_ID"] = answers[title]["id"]

    assert len(answers) == 9
    assert answers["Give it credits"]["account"]["balance"] == 5000
    raised = answers["Raise one limit and lift another"]
    assert (raised["spend_day"], raised["per_minute"], raised["networks"]) == (2000, 60, [])
    assert answers["Disable a key"]["disabled_at"]
    (grant,) = answers["See every movement of its balance"]["data"]
    assert grant["credits"] == 5000
    assert answers["Revoke a key"]["revoked_at"]


def _filled(command: str, blanks: dict[str, str]) -> str:
    for blank, value in blanks.items():
        command = command.replace(blank, value)
    return command
