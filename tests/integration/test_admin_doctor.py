"""The checks of `hinode doctor` over the admin API, run as the command runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hinode.api.admin import server as server_routes
from tests.support.accounts import client_with, operator_client
from tests.support.people import server_with


@pytest.mark.full
def test_operators_read_the_checks_and_nobody_else(tmp_path: Path) -> None:
    with server_with(tmp_path) as server:
        with operator_client(server) as admin:
            found = admin.get("/admin/doctor").json()
        with client_with(server, server.new_key("plain")) as plain:
            assert plain.get("/admin/doctor").status_code == 403

    checks = server_routes.CheckList.model_validate(found).data
    by_name = {one.name: one for one in checks}
    assert by_name["Python"].status == "ok"
    assert str(tmp_path) in by_name["data folder"].detail
