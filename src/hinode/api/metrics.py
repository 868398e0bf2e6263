"""Prometheus metrics: request durations by route, unfinished jobs by state, the clock.

Labels never have values from requests, which would leak data and make their number unbounded.
Processes that serve one socket write their request durations to one folder, and each answers with
the sums of all (:func:`share_metrics`); everything else is read anew at each scrape.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import prometheus_client.values
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from hinode.core.jobs.types import JobState

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNFINISHED = (JobState.QUEUED, JobState.RUNNING)
_SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def share_metrics(folder: Path) -> None:
    """Keep the metrics of this process and its forks in a folder; call it before the forks."""
    os.environ[_SHARED_FOLDER] = str(folder)
    values = prometheus_client.values
    values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Observed:
    """The state at a scrape; ``engines`` are conditions, ``slots`` the occupied ones and all."""

    unfinished: Mapping[JobState, int]
    engines: Mapping[str, str]
    slots: Mapping[str, tuple[int, int]]
    free_bytes: int
    is_clock_believed: bool


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
        self._series: dict[tuple[str, str, int], Histogram] = {}

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Record a request; ``route`` is the path template, such as ``/v1/videos/{video_id}``."""
        name = (method if method in _METHODS else "other", route, status)
        series = self._series.get(name)
        if series is None:
            series = self._series[name] = self._requests.labels(*map(str, name))
        series.observe(seconds)

    def render(self, observed: Observed) -> bytes:
        """Return the Prometheus text format 0.0.4."""
        now = CollectorRegistry(auto_describe=False)
        now.register(_Gauges(observed))
        return generate_latest(self._requests_registry()) + generate_latest(now)

    def _requests_registry(self) -> CollectorRegistry:
        if _SHARED_FOLDER not in os.environ:
            return self._registry
        summed = CollectorRegistry()
        MultiProcessCollector(summed)  # type: ignore[no-untyped-call]
        return summed


class _Gauges(Collector):
    """The gauges of one scrape."""

    def __init__(self, observed: Observed) -> None:
        self._observed = observed

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the gauges."""
        one = self._observed
        states = {state.value: one.unfinished.get(state, 0) for state in _UNFINISHED}
        yield _gauge("hinode_jobs_unfinished", "Jobs that are queued or running.", "state", states)
        yield GaugeMetricFamily(
            "hinode_clock_believed",
            "1; 0 while this machine's clock is not believed, and nothing ends by its age.",
            value=one.is_clock_believed,
        )
        conditions = GaugeMetricFamily(
            "hinode_engine_condition",
            "1 for the condition that an engine is in.",
            labels=("engine", "condition"),
        )
        for name, condition in one.engines.items():
            conditions.add_metric((name, condition), 1)
        yield conditions
        yield GaugeMetricFamily(
            "hinode_data_free_bytes", "Free space of the data folder.", value=one.free_bytes
        )
        yield _gauge(
            "hinode_worker_slots",
            "Jobs of an engine that this process may render at once.",
            "engine",
            {engine: total for engine, (_, total) in one.slots.items()},
        )
        yield _gauge(
            "hinode_worker_slots_occupied",
            "Jobs of an engine that this process renders now.",
            "engine",
            {engine: occupied for engine, (occupied, _) in one.slots.items()},
        )


def _gauge(name: str, text: str, label: str, values: Mapping[str, int]) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, text, labels=(label,))
    for value, number in values.items():
        gauge.add_metric((value,), number)
    return gauge
