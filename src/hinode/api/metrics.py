"""Prometheus metrics: request durations by route, unfinished jobs by state, the clock.

Labels never have values from requests, which would leak data and make their number unbounded.
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from hinode.core.jobs.types import JobState

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


class Metrics:
    """The metrics of one application, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "hinode_http_request_seconds",
            "Seconds from the request to the start of the response.",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._jobs = Gauge(
            "hinode_jobs_unfinished",
            "Jobs that are queued or running.",
            ("state",),
            registry=self._registry,
        )
        self._clock = Gauge(
            "hinode_clock_believed",
            "1; 0 while this machine's clock is not believed, and nothing ends by its age.",
            registry=self._registry,
        )
        self._engines = Gauge(
            "hinode_engine_condition",
            "1 for the condition that an engine is in.",
            ("engine", "condition"),
            registry=self._registry,
        )
        self._free_bytes = Gauge(
            "hinode_data_free_bytes", "Free space of the data folder.", registry=self._registry
        )
        self._slots = Gauge(
            "hinode_worker_slots",
            "Jobs of an engine that this process may render at once.",
            ("engine",),
            registry=self._registry,
        )
        self._occupied = Gauge(
            "hinode_worker_slots_occupied",
            "Jobs of an engine that this process renders now.",
            ("engine",),
            registry=self._registry,
        )
        self._series: dict[tuple[str, str, int], Histogram] = {}

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Record a request; ``route`` is the path template, such as ``/v1/videos/{video_id}``."""
        name = (method if method in _METHODS else "other", route, status)
        series = self._series.get(name)
        if series is None:
            series = self._series[name] = self._requests.labels(*map(str, name))
        series.observe(seconds)

    def render(
        self,
        unfinished: Mapping[JobState, int],
        engines: Mapping[str, str],
        free_bytes: int,
        slots: Mapping[str, tuple[int, int]],
        *,
        is_clock_believed: bool,
    ) -> bytes:
        """Return the Prometheus text format 0.0.4.

        By engine, ``engines`` are conditions, and ``slots`` the occupied ones and all.
        """
        self._clock.set(is_clock_believed)
        self._engines.clear()
        for name, condition in engines.items():
            self._engines.labels(name, condition).set(1)
        self._free_bytes.set(free_bytes)
        for name, (occupied, total) in slots.items():
            self._occupied.labels(name).set(occupied)
            self._slots.labels(name).set(total)
        for state in _UNFINISHED:
            self._jobs.labels(state.value).set(unfinished.get(state, 0))
        return generate_latest(self._registry)
