"""The names that enqueuing and running processes share."""

APPLICATION = "hinode"

VERSION = "1"
"""Version of the workflows' code as DBOS sees it. Raise it only when running workflows cannot go
on under the new code: work of another version is left alone."""

RENDER = "render"
DELIVER = "deliver"
CAMEO = "cameo"

DELIVERIES = "deliveries"
"""The queue of what is sent to receivers outside."""


CAMEOS = "cameos"
"""The queue of clips that become characters."""


def render_queue(engine: str) -> str:
    """Return the name of an engine's queue."""
    return f"render-{engine}"


def render_workflow_id(job_hex: str, dispatch_no: int) -> str:
    """Return the id of the one workflow that renders a job, or tries to at its next engine."""
    return f"render-{job_hex}-{dispatch_no}" if dispatch_no else f"render-{job_hex}"


def delivery_workflow_id(delivery_hex: str, number: int) -> str:
    """Return the id of the one workflow that makes this try of a delivery."""
    return f"deliver-{delivery_hex}-{number}"


def cameo_workflow_id(cameo_hex: str) -> str:
    """Return the id of the one workflow that processes a cameo."""
    return f"cameo-{cameo_hex}"
