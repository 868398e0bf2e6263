"""What a start and `hinode doctor` tell of an object store that cannot be used."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from hinode import load_settings
from hinode.cli import doctor_checks
from hinode.cli.store_check import check_store_at_start
from hinode.storage.errors import StorageError
from hinode.storage.factory import open_store
from hinode.storage.store import ObjectStore


def _fail(_store: ObjectStore) -> None:
    raise StorageError("The bucket is not there.", hint="Make the bucket.")


def test_a_start_logs_that_its_store_fails_and_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ObjectStore, "check", _fail)

    with capture_logs() as logs:
        check_store_at_start(open_store("memory://")).join()

    (line,) = logs
    assert (line["reason"], line["remedy"]) == ("The bucket is not there.", "Make the bucket.")
    assert line["log_level"] == "error"


def test_a_start_says_nothing_of_a_store_that_works() -> None:
    store = open_store("memory://")

    with capture_logs() as logs:
        check_store_at_start(store).join()

    assert logs == []
    assert list(store.list()) == []


def test_the_doctor_gives_the_remedy_that_the_failure_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor_checks, "_store", lambda _settings: _fail(open_store("memory://")))

    found = {one.name: one for one in doctor_checks.run_checks(load_settings())}

    assert found["object store"].remedy == "Make the bucket."
