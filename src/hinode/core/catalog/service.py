"""The catalog of models: find a model by any of its names, resolve and price a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hinode.core.catalog.grammar import parse
from hinode.core.catalog.name_constraints import constrain, rename
from hinode.core.catalog.params import GenerationParams
from hinode.core.catalog.post_steps import post_credits, rendered_plan, with_post_steps
from hinode.core.catalog.resolver import plan_for
from hinode.core.catalog.types import Model, PriceUnit, RenderPlan, ResolvedRequest
from hinode.core.errors import ErrorCode, HinodeError
from hinode.media.parameters import NO_PARAMETERS, RenderParameters
from hinode.media.types import MediaKind

__all__ = ["Catalog", "GenerationParams", "price"]


class Catalog:
    """The models of this server by name.

    A later model with the same id replaces an earlier one. An alias takes precedence over a model
    and over a family of the grammar with the same name; its target may be another alias or a name
    with words. Raises :class:`HinodeError` for an alias without a model or in a cycle.
    """

    def __init__(
        self,
        models: Iterable[Model],
        defaults: Mapping[MediaKind, str],
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        self._models = {model.id: model for model in models}
        self._defaults = defaults
        own = {alias: model.id for model in self._models.values() for alias in model.aliases}
        self._aliases = {**own, **(aliases or {})}
        self._listed = self._with_aliases()

    def models(self) -> list[Model]:
        """Return the models in their configured order, each with all aliases that lead to it."""
        return self._listed

    def get(self, name: str | None, kind: MediaKind | None = None) -> Model:
        """Find a model by its id, an alias or a name with words; None: the default of the kind.

        Raises :class:`HinodeError` for an unknown name, and for a model of another kind.
        """
        model = self._find(name or self._defaults[kind or MediaKind.VIDEO], ())
        if kind not in (None, model.kind):
            raise HinodeError(
                ErrorCode.UNSUPPORTED_VALUE,
                f"The model '{name}' makes {model.kind}s.",
                param="model",
                hint=f"Models for {kind}s: {', '.join(self._names(kind))}.",
            )
        return model

    def resolve(self, params: GenerationParams, kind: MediaKind) -> ResolvedRequest:
        """Return the model, the plan and the price of a request.

        Raises :class:`HinodeError` for parameters that the model does not support.
        """
        return resolve(self.get(params.model, kind), params)

    def _find(self, name: str, passed: tuple[str, ...]) -> Model:
        """Find a model: aliases first, then ids, then the grammar.

        ``passed`` are the names followed so far, to stop at a cycle.
        """
        if name in passed:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                f"The aliases {', '.join(passed)} form a cycle.",
                param="model",
            )
        if name in self._aliases:
            return rename(self._find(self._aliases[name], (*passed, name)), name)
        if name in self._models:
            return self._models[name]
        parsed = parse(name)
        if parsed is None:
            raise HinodeError(
                ErrorCode.MODEL_NOT_FOUND,
                f"The model '{name[:80]}' does not exist.",
                param="model",
                hint=f"Available: {', '.join(self._names(None))}.",
            )
        return constrain(self._find(parsed.model, (*passed, name)), name, parsed.constraints)

    def _names(self, kind: MediaKind | None) -> list[str]:
        # Not from self._listed: __init__ checks the aliases before it is set.
        shown = [model for name, model in self._models.items() if name not in self._aliases]
        return [model.id for model in shown if kind in (None, model.kind)]

    def _with_aliases(self) -> list[Model]:
        found: dict[str, list[str]] = {name: [] for name in self._models}
        for alias, target in self._aliases.items():
            try:
                model = self._find(alias, ())
            except HinodeError as error:
                raise HinodeError(
                    ErrorCode.INVALID_VALUE,
                    f"The alias '{alias}' = '{target}' cannot be used: {error}",
                    param=f"aliases.{alias}",
                ) from error
            found[model.alias_of or model.id].append(alias)
        return [
            replace(model, aliases=tuple(found[name]))
            for name, model in self._models.items()
            if name not in self._aliases
        ]


def resolve(model: Model, params: GenerationParams) -> ResolvedRequest:
    """Return the plan and the price of a request with a model. Raises :class:`HinodeError`."""
    plan = with_post_steps(model, plan_for(model, params), params.render)
    return ResolvedRequest(model, plan, price(model, plan, params.render))


def price(model: Model, made: RenderPlan, parameters: RenderParameters = NO_PARAMETERS) -> int:
    """Return the price of a plan in credits: of what is rendered, and the steps after it."""
    plan = rendered_plan(made, parameters)
    units = {
        PriceUnit.SECOND: plan.seconds * plan.outputs,
        PriceUnit.PICTURE: plan.outputs,
        PriceUnit.CALL: 1,
    }
    credits = model.price.at(plan.size, hd=plan.size in model.hd_sizes)
    credits += post_credits(model, parameters)
    return credits * units[model.price.per]


def least_price(model: Model) -> int:
    """Return the lowest price of one unit of a model, in credits."""
    return min(model.price.at(size, hd=size in model.hd_sizes) for size in model.sizes)
