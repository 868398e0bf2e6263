"""Names of workflows and queues, shared by enqueuing and running processes."""

APPLICATION = "hinode"

VERSION = "1"
"""Version of the workflows' code as DBOS sees it, which runs no work of another version.

It stays as it is, so that any release goes on with the work of the release before. A workflow whose
steps change gets a new name: the first release with it registers both and enqueues the old one, the
next enqueues the new one, and the one after that forgets the old one.
"""

RENDER = "render"
DELIVER = "deliver"
CAMEO = "cameo"
BATCH = "batch"

DELIVERIES = "deliveries"
"""The queue of webhook deliveries."""


CAMEOS = "cameos"
"""The queue of cameos."""


BATCHES = "batches"
"""The queue of batches."""


def render_queue(engine: str) -> str:
    """Return the name of an engine's queue."""
    return f"render-{engine}"


def render_workflow_id(job_hex: str, dispatch_no: int) -> str:
    """Return the id of the one workflow of this dispatch of a job."""
    return f"render-{job_hex}-{dispatch_no}" if dispatch_no else f"render-{job_hex}"


def delivery_workflow_id(delivery_hex: str, number: int) -> str:
    """Return the id of the one workflow of this attempt of a delivery."""
    return f"deliver-{delivery_hex}-{number}"


def cameo_workflow_id(cameo_hex: str) -> str:
    """Return the id of the one workflow that processes a cameo."""
    return f"cameo-{cameo_hex}"


def batch_workflow_id(batch_hex: str) -> str:
    """Return the id of the one workflow that works off a batch."""
    return f"batch-{batch_hex}"
