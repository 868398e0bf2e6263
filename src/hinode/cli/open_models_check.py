"""The check of the open-weight models that this host's engines render, for `hinode doctor`."""

from __future__ import annotations

from collections.abc import Iterator

from hinode.cli.check_result import CheckResult, CheckStatus
from hinode.config.settings import Settings

OPEN_MODELS_REMEDY = "Run `hinode model check NAME` for each model."


def check_open_models(settings: Settings) -> CheckResult:
    """Check the models that engines of this host render themselves: present, whole, fitting."""
    named = sorted(set(_named(settings)))
    if not named:
        return CheckResult("open-weight models", CheckStatus.OK, "none")
    problems = [one for one in (_problem(settings, name) for name in named) if one]
    if problems:
        return CheckResult(
            "open-weight models", CheckStatus.ERROR, "; ".join(problems), OPEN_MODELS_REMEDY
        )
    return CheckResult("open-weight models", CheckStatus.OK, ", ".join(named))


def _named(settings: Settings) -> Iterator[str]:
    """Yield the names of models that the settings give to engines with models of their own."""
    from hinode.engines.diffusers.weights.settings import LocalModelSettings

    for model in settings.models.values():
        routes = [(one.engine, one.upstream) for one in model.engines or ()]
        for engine, upstream in routes or [(model.engine or settings.engine, None)]:
            name = upstream or model.upstream
            if name and isinstance(settings.engines.get(engine), LocalModelSettings):
                yield name


def _problem(settings: Settings, name: str) -> str:
    """Return what is wrong with a model on this host; empty if nothing is, or a job gets it."""
    from hinode.cli.model_check import check_model
    from hinode.engines.base import EngineError
    from hinode.engines.diffusers.weights.errors import ModelMissing

    try:
        found = check_model(name, settings.models_path)
    except ModelMissing as error:
        return "" if settings.download_models else str(error)
    except EngineError as error:
        return str(error)
    if found.facts.missing:
        return f"{name} lacks {', '.join(found.facts.missing[:3])}"
    return "" if found.usable else f"{name} does not fit the memory of this machine"
