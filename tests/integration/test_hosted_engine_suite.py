"""The contract of engines, held by each kind of paid provider before its stand-in."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest

from hinode.engines.base import RenderSpec, Ticket
from hinode.testing.engine_suite import EngineFactory, EngineSuite
from tests.support.upstreams.hosted import HostedServer, hosted_server
from tests.support.upstreams.providers import CASES, Case
from tests.support.upstreams.wire import WireServer


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.kind, scope="class")
class TestProviders(EngineSuite):
    failing_prompt, stalling_prompt = "[fail]", "[stall]"

    @pytest.fixture(autouse=True)
    def provider(self, case: Case) -> Iterator[None]:
        self.case, self.server = case, case.server()
        with hosted_server(self.server) as wire:
            self.wire: WireServer = wire
            yield
        assert self.server.strange == []
        assert self.server.destroyed == []

    def factory(self) -> EngineFactory:
        return functools.partial(self.case.engine, self.wire.url)

    def is_running(self, ticket: Ticket) -> bool:
        """Some providers stop only what still waits, or nothing."""
        job = self.find(ticket, self.server)
        return job in self.server.jobs and self.server.jobs[job].state in self.case.stops

    def find(self, ticket: Ticket, server: HostedServer) -> str:
        return str(ticket.data["id"])

    def spec(self) -> RenderSpec:
        """A size and a length that the model has."""
        return self.case.spec()
