"""What the operator does for people, by the real command, beside a server in this process."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt

from hinode.testing.server import LiveServer
from tests.support.hinode_process import hinode
from tests.support.people import COOKIE, client_of, server_with


def run(server: LiveServer, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    data = str(server.services.settings.data)
    return hinode("account", *words, "--data", data, stdin=stdin)


def test_an_account_from_its_making_to_its_last_session(tmp_path: Path) -> None:
    with server_with(tmp_path) as server, client_of(server, None) as door:
        run(server, "create", "alice", "--credits", "500")
        wanted = ("--plan", "pro", "--email", "Alice@Example.com", "--username", "alice.1")
        assert run(server, "set", "alice", *wanted).returncode == 0
        assert run(server, "password", "alice", stdin="correct horse\n").returncode == 0

        token = run(server, "token", "alice", "--days", "30").stdout.strip()
        ends = datetime.fromtimestamp(
            jwt.decode(token, options={"verify_signature": False})["exp"], UTC
        )
        assert ends - datetime.now(UTC) > timedelta(days=29)
        with client_of(server, token) as person:
            me = person.get("/backend/me").json()
            assert (me["email"], me["username"]) == ("alice@example.com", "alice.1")
            plan = person.get("/backend/billing/subscriptions").json()["data"][0]["plan"]["id"]
            assert plan == "chatgpt_pro"

            facts = json.loads(run(server, "token", "alice", "--days", "30", "--json").stdout)
            cookie = {"cookie": f"{COOKIE}={facts['session_token']}"}
            renewed = door.get("/api/auth/session", headers=cookie).json()
            assert renewed["user"]["id"] == me["id"]
            lasts = datetime.fromisoformat(renewed["expires"]) - datetime.now(UTC)
            assert lasts > timedelta(days=29)
            refresh = {"refresh_token": facts["refresh_token"]}
            answer = door.post("/oauth/token", json=refresh).json()
            assert answer["expires_in"] == timedelta(days=30).total_seconds()
            login = {"email": "alice@example.com", "password": "correct horse"}
            assert door.post("/api/auth/login", json=login).status_code == 200

            assert "Ended 3 session(s)" in run(server, "logout", "alice").stderr
            assert person.get("/backend/me").status_code == 401


def test_an_invite_of_the_operator_lets_somebody_in(tmp_path: Path) -> None:
    with server_with(tmp_path) as server, client_of(server, None) as door:
        invite = run(server, "invite", "admin")
        assert "Redeemed 0 of 100 times." in invite.stderr
        body = {
            "email": "bob@example.com",
            "password": "correct horse",
            "invite_code": invite.stdout.strip(),
        }
        assert door.post("/api/auth/signup", json=body).status_code == 200
        assert "Redeemed 1 of 100 times." in run(server, "invite", "admin").stderr


def test_mistakes_are_said_in_a_line(tmp_path: Path) -> None:
    with server_with(tmp_path) as server:
        for words, stdin, said in (
            (("token", "nobody"), "", "no account 'nobody'"),
            (("password", "admin"), "short\n", "8 to 200 characters"),
            (("set", "admin", "--username", "no"), "", "A username has"),
            (("set", "admin"), "", "--plan"),
        ):
            done = run(server, *words, stdin=stdin)
            assert done.returncode != 0
            assert said in done.stderr
            assert "Traceback" not in done.stderr
