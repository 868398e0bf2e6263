"""Writes the OpenAPI document of this checkout to a file: `python scripts/openapi.py FILE`."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from hinode import create_app, load_settings, open_services


def main(out: Path) -> None:
    """Write the document of a server that nothing has been set of."""
    with tempfile.TemporaryDirectory() as folder:
        services = open_services(load_settings(data=folder))
        document = create_app(services).state.openapi()
        services.close()
    out.write_text(json.dumps(document))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
