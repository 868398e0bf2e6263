"""Accounts, credits and keys with limits, by the real command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hinode import EngineRegistry, load_settings, open_services
from hinode.api.admin import accounts, engines, keys
from hinode.core.audit.service import AuditFilter
from hinode.core.pagination import PageQuery
from tests.support.hinode_process import hinode


def run(data: Path, *words: str) -> list[list[str]]:
    """Run a command that succeeds; return its output as rows of columns."""
    done = hinode(*words, "--data", str(data))
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def test_accounts_begin_with_what_is_said_and_are_given_more(tmp_path: Path) -> None:
    run(tmp_path, "account", "create", "poor")
    run(tmp_path, "account", "create", "rich", "--credits", "1000", "--plan", "pro")
    run(tmp_path, "account", "create", "free", "--credits", "unlimited")
    run(tmp_path, "account", "grant", "poor", "50")
    run(tmp_path, "account", "local-only", "poor")

    head, *rows = run(tmp_path, "account", "list")

    assert head == ["id", "name", "plan", "role", "credits", "held", "spent", "since"]
    assert [row[1:7] for row in rows] == [
        ["admin", "team", "operator", "unlimited", "0", "0"],
        ["poor", "free, local only", "user", "50", "0", "0"],
        ["rich", "pro", "user", "1000", "0", "0"],
        ["free", "free", "user", "unlimited", "0", "0"],
    ]
    run(tmp_path, "account", "local-only", "poor", "--lift")
    assert run(tmp_path, "account", "list")[2][2] == "free"


@pytest.mark.parametrize("credits", ["-1", "many", "1.5", ""])
def test_credits_are_a_number_or_unlimited(tmp_path: Path, credits: str) -> None:
    done = hinode("account", "create", "a", f"--credits={credits}", "--data", str(tmp_path))

    assert done.returncode == 2
    assert "--credits" in done.stderr


def test_keys_have_limits_and_can_be_disabled(tmp_path: Path) -> None:
    words = "--spend-day 1000 --per-minute 60 --max-unfinished 5 --model sora-2 --model sora_image"
    networks = ("--allow-ip", "203.0.113.0/24", "--allow-ip", "2001:db8::1")
    rules = (*words.split(), *networks, "--strict", "--local-only")
    ((secret,),) = run(tmp_path, "key", "create", "ci", *rules)

    run(tmp_path, "key", "disable", secret)
    _, disabled = run(tmp_path, "key", "list")
    run(tmp_path, "key", "enable", "ci")
    _, enabled = run(tmp_path, "key", "list")

    assert disabled[4].startswith("disabled ")
    assert enabled[4] == "usable"
    assert enabled[6] == (
        "1000/day, 60 requests/min, 5 unfinished, local only, sora-2, sora_image, "
        "203.0.113.0/24, 2001:db8::1/128, strict"
    )


def test_the_audit_log_tells_of_commands_that_change_something(tmp_path: Path) -> None:
    run(tmp_path, "account", "create", "poor", "--credits", "5", "--plan", "plus")
    run(tmp_path, "account", "list")
    ((secret,),) = run(tmp_path, "key", "create", "ci", "--account", "poor")
    run(tmp_path, "key", "disable", secret)
    assert hinode("account", "ban", "nobody", "--data", str(tmp_path)).returncode == 1

    services = open_services(load_settings(data=tmp_path), engines=EngineRegistry([]))
    try:
        found = services.core.audit.page(AuditFilter(), PageQuery(10)).items
    finally:
        services.close()
    disabled, created, account = found
    assert [one.action for one in found] == [
        "hinode key disable", "hinode key create", "hinode account create",
    ]  # fmt: skip
    assert all(one.by_command and one.actor is None and one.details.pop("user") for one in found)
    assert (account.subject, account.details) == ("poor", {"given": "5", "plan": "plus"})
    assert (created.subject, created.details) == ("ci", {"account": "poor"})
    assert (disabled.subject, disabled.details) == ("sk-***", {})


def test_a_network_that_is_none_is_told(tmp_path: Path) -> None:
    done = hinode("key", "create", "ci", "--allow-ip", "example.com", "--data", str(tmp_path))

    assert done.returncode != 0
    assert "not an IP address or network" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_secret_is_changed_and_the_keys_rotated(tmp_path: Path) -> None:
    run(tmp_path, "key", "list")
    run(tmp_path, "account", "token", "admin")
    file = tmp_path / "secret.key"
    before = file.read_text()

    ((printed,),) = run(tmp_path, "secret", "change")
    run(tmp_path, "secret", "finish", "--yes")
    run(tmp_path, "secret", "rotate")
    told, head, *rows = run(tmp_path, "secret", "show")

    assert printed == file.read_text() != before
    assert str(file) in told[0]
    assert head == ["purpose", "key", "signs from", "honoured until"]
    assert [row[0] for row in rows].count("links") == 2
    assert printed not in str(rows)
    file.write_text(before)
    assert hinode("secret", "show", "--data", str(tmp_path)).returncode == 1


def test_objects_are_printed_as_the_admin_api_has_them(tmp_path: Path) -> None:
    made = as_json(tmp_path, "account", "create", "poor", "--credits", "5")
    key = as_json(tmp_path, "key", "create", "ci", "--account", "poor", "--spend-day", "7")
    listed = as_json(tmp_path, "account", "list")
    keys_ = as_json(tmp_path, "key", "list")
    (engine,) = as_json(tmp_path, "engine", "list")

    accounts.AdminAccount.model_validate(made)
    assert (made["name"], made["balance"]) == ("poor", 5)
    keys.NewAdminKey.model_validate(key)
    assert key.pop("secret").startswith("sk-")
    assert listed[1] == made
    assert keys_[-1] == key
    engines.AdminEngine.model_validate(engine)


def test_kinds_that_were_never_run_for_real_are_listed_as_such(tmp_path: Path) -> None:
    (tmp_path / "hinode.toml").write_text(
        'engine = "studio"\n[engines.studio]\nkind = "runway"\nkey = "a-key"\n'
        '[models."sora-2"]\nengine = "studio"\nupstream = "gen4.5"\n'
        "[models.still]\nengine = 'preview'\nsizes = ['64x64']\nseconds = [2]\nprice = 1\n"
    )
    rows = {row[0]: row[-1] for row in run(tmp_path, "engine", "list")[1:]}
    assert "never run against the real service" in rows["studio"]
    assert "never run" not in rows["preview"]


def test_a_header_of_callbacks_is_read_from_stdin(tmp_path: Path) -> None:
    words = ("account", "header", "set", "admin", "X-Api-Key", "--data", str(tmp_path))
    done = hinode(*words, stdin="hush\n")

    assert (done.returncode, "hush" in done.stdout + done.stderr) == (0, False)
    (one,) = as_json(tmp_path, "account", "header", "list", "admin")
    assert one["name"] == "x-api-key"
    assert as_json(tmp_path, "account", "header", "remove", "admin", "x-api-key") == []


def as_json(data: Path, *words: str) -> Any:
    """Run a command that succeeds and prints JSON."""
    done = hinode(*words, "--json", "--data", str(data))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_published_settings_count_on_every_host(tmp_path: Path) -> None:
    database = ("--database", f"sqlite:///{tmp_path / 'shared.db'}")
    server, other = tmp_path / "server", tmp_path / "other"
    for folder, text in ((server, '[models."sora-2"]\nprice = 25\n'), (other, "queue_limit = 7\n")):
        folder.mkdir()
        (folder / "hinode.toml").write_text(text)

    run(server, "config", "publish", *database)

    prices = {row[0]: row[4] for row in run(other, "model", "list", *database)}
    settings = {row[0]: row[1:] for row in run(other, "config", "show", *database)}
    told = hinode("doctor", "--data", str(other), *database).stdout
    assert "25" in prices["sora-2"]
    assert settings["models.sora-2.price.credits"] == ["25", "published"]
    assert settings["queue_limit"] == ["0", "published"]
    assert settings["host"][1] == "default"
    assert "this host's queue_limit differ" in told

    run(other, "config", "withdraw", *database)
    assert "models.sora-2.price.credits" not in str(run(other, "config", "show", *database))
