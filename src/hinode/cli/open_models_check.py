"""The check of the open-weight models that this host's engines render, for `hinode doctor`."""

from __future__ import annotations

from hinode.cli.check_result import CheckResult, CheckStatus
from hinode.config.settings import Settings

OPEN_MODELS_REMEDY = "Run `hinode model check NAME` for each model."


def check_open_models(settings: Settings) -> CheckResult:
    """Check the models that engines of this host render themselves: present, whole, fitting."""
    from hinode.cli.model_fits import local_routes

    named = sorted({name for _, name in local_routes(settings)})
    if not named:
        return CheckResult("open-weight models", CheckStatus.OK, "none")
    told = [_told(settings, name) for name in named]
    problems = [text for text, good in told if not good]
    status = CheckStatus.ERROR if problems else CheckStatus.OK
    text = "; ".join(problems or (text for text, _ in told))
    return CheckResult("open-weight models", status, text, OPEN_MODELS_REMEDY if problems else "")


def _told(settings: Settings, name: str) -> tuple[str, bool]:
    """Return what would happen with a model on this host, and whether that is good."""
    from hinode.cli.model_check import check_model
    from hinode.engines.base import EngineError
    from hinode.engines.diffusers.weights.errors import ModelMissing

    try:
        found = check_model(name, settings)
    except ModelMissing as error:
        return (f"{name}: a job gets it", True) if settings.download_models else (str(error), False)
    except EngineError as error:
        return str(error), False
    if found.facts.missing:
        return f"{name} lacks {', '.join(found.facts.missing[:3])}", False
    usable = [one for one in found.fits if one.problem is None]
    if not usable:
        reasons = "; ".join(f"{one.label}: {one.problem}" for one in found.fits)
        return f"{name} cannot be loaded on this machine: {reasons}", False
    places = ", ".join(f"{one.plan.placement} on {one.device}" for one in usable)
    return f"{name}: {places}", True
