"""Which usual configurations are told to be absurd; run with a Python that has torch.

``python -m tests.support.usual_configs`` prints a JSON list: how many classes of transformers and
diffusers were looked at, with the values that they have by themselves, and what is told of them.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import diffusers
from transformers import CONFIG_MAPPING

from hinode.engines.diffusers.weights.config_numbers import (
    refuse_absurd_numbers,
    refuse_absurd_schedule,
)
from hinode.engines.diffusers.weights.errors import UnusableModel

TENSORS, NUMBERS = 900, 10**9
"""Those of a model of middle size."""


def of_transformers() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name in CONFIG_MAPPING:
        # Some need a package that is not here, or have no values by themselves.
        with suppress(Exception):
            yield name, CONFIG_MAPPING[name]().to_dict()


def of_diffusers(kind: type) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name in dir(diffusers):
        one = getattr(diffusers, name)
        if inspect.isclass(one) and issubclass(one, kind):
            usual = inspect.signature(one.__init__).parameters.values()
            yield name, {each.name: each.default for each in usual}


def main() -> None:
    models = [*of_transformers(), *of_diffusers(diffusers.ModelMixin)]
    schedulers = list(of_diffusers(diffusers.SchedulerMixin))
    told = []
    for name, config in models:
        try:
            refuse_absurd_numbers(Path(name), config, TENSORS, NUMBERS)
        except UnusableModel as error:
            told.append(str(error))
    for name, config in schedulers:
        try:
            refuse_absurd_schedule(Path(name), config)
        except UnusableModel as error:
            told.append(str(error))
    print(json.dumps([len(models) + len(schedulers), told]))


if __name__ == "__main__":
    main()
