"""The settings of the environment's variables: lists with commas, everything else as JSON."""

from __future__ import annotations

from typing import Any, get_origin

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource


class EnvironmentSource(EnvSettingsSource):
    """Reads a list as JSON or as values with commas between, as shells and compose files do."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """Return the list or table that a variable holds. Raises ``ValueError`` for neither."""
        # The parent passes None for what lies below a table of any names.
        kind = get_origin(getattr(field, "annotation", None))
        if kind is tuple and not value.lstrip().startswith("["):
            return [one for one in map(str.strip, value.split(",")) if one]
        return super().decode_complex_value(field_name, field, value)
