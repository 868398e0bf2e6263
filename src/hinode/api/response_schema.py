"""The base of the schemas that describe what is answered."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ResponseSchema(BaseModel):
    """Base of response objects, whose keys are exactly the documented ones.

    Serializers write the responses, so a schema is built only when the API's document is made.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)
