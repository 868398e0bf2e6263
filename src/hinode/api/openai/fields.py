"""The fields of a request whose path may name its model."""

from __future__ import annotations

from starlette.requests import Request

from hinode.api.bodies import read_fields
from hinode.api.path_alias import deployment_of
from hinode.api.values import Value, is_empty


async def read_create_fields(request: Request, limit: int) -> dict[str, Value]:
    """Return the fields of a create; a deployment in Azure's path is the default model.

    Raises :class:`hinode.api.request_errors.RequestError` as :func:`hinode.api.bodies.read_fields`.
    """
    fields = await read_fields(request, limit)
    deployment = deployment_of(request.scope)
    if deployment is not None and is_empty(fields.get("model")):
        fields["model"] = deployment
    return fields
