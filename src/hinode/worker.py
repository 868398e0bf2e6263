"""The worker of one Hinode: what it renders and sends, and its chores."""

from __future__ import annotations

from datetime import timedelta

from hinode.engines.signing import ArtifactSigner
from hinode.foundation import provenance_folder
from hinode.services import Services
from hinode.workflows.cameo import CameoMaker
from hinode.workflows.deliver import Courier, delivery_policy
from hinode.workflows.queues import QueuePlan
from hinode.workflows.render import Renderer
from hinode.workflows.runtime import Runtime, prune_workflows
from hinode.workflows.spec import Workshop
from hinode.workflows.tending import Tending
from hinode.workflows.upkeep import Chore, Upkeep
from hinode.workflows.watch import Watch

WORKFLOWS_KEPT = timedelta(hours=24)


def build_worker(services: Services) -> Runtime:
    """Build the worker; it does nothing before its ``start``."""
    settings, keeping = services.settings, services.housekeeping
    workshop = Workshop(services.store, settings.data / "work")
    chores = [
        Chore("sweep", 30.0, lambda: _swept(services)),
        Chore("orphans", 3600.0, keeping.remove_orphans),
        Chore("cast", 3600.0, services.cast_keeping.sweep),
        Chore("webhooks", 600.0, services.postroom.forget_old),
        Chore("work folders", 3600.0, workshop.clear_forgotten),
        Chore("leases", 60.0, services.account_pool.forget_ended),
        Chore("accounts", 30.0, Tending(services.engines).start),
        Chore("workflows", 600.0, lambda: prune_workflows(WORKFLOWS_KEPT, services.clock)),
    ]
    return Runtime(
        db=services.db,
        renderer=Renderer(
            services.backstage,
            services.yard,
            services.engines,
            workshop,
            ArtifactSigner(provenance_folder(settings)),
            Watch(services.backstage),
        ),
        courier=Courier(services.postroom, delivery_policy(settings.allow_hosts)),
        cameos=CameoMaker(services.cameo_work),
        upkeep=Upkeep(chores),
        queues=[
            QueuePlan(engine.name, settings.engine_settings(engine.name).concurrency)
            for engine in services.engines.all()
        ],
        locks=settings.data / "workers",
        clock=services.clock,
    )


def _swept(services: Services) -> int:
    swept = services.housekeeping.sweep()
    return swept.late_jobs + swept.expired_jobs + swept.expired_files + swept.promises
