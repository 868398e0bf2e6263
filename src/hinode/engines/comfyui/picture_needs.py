"""Find which of its pictures a workflow cannot do without, by what its server's classes require."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

from hinode.engines.comfyui.graph import Graph, OptionalInput, split_target, without_nodes
from hinode.engines.comfyui.settings import PICTURE_BINDINGS
from hinode.engines.comfyui.workflow import Workflow

_FIRST, _LAST = "first_frame", "last_frame"


def unused_picture_nodes(workflow: Workflow, targets: Collection[str]) -> set[str]:
    """Return the nodes that would load the workflow's own pictures in place of the job's.

    ``targets`` are those that get a picture of the job.
    """
    used = {split_target(target)[0] for target in targets}
    return {node for nodes in workflow.picture_nodes.values() for node in nodes} - used


def cut_graph(
    workflow: Workflow, targets: Collection[str], is_optional: OptionalInput
) -> Graph | None:
    """Return the graph without the nodes of pictures that a job does not have.

    None where it cannot do without them, and where another picture of the job goes with them:
    what was asked for would be dropped.
    """
    unused = unused_picture_nodes(workflow, targets)
    cut = without_nodes(workflow.graph, unused, workflow.output, is_optional)
    if cut is None or any(split_target(one)[0] not in cut for one in targets):
        return None
    return cut


def settings_for_needs(
    workflow: Workflow, is_optional: OptionalInput
) -> Iterator[tuple[str, str, str]]:
    """Yield what its settings must say for requests to be refused at once: subject, name, value.

    Nothing where they say it already, or where the workflow runs with no set of its pictures.
    """
    runnable = list(_runnable_sets(workflow, is_optional))
    if not runnable:
        return
    needed = [one for one in PICTURE_BINDINGS if all(one in names for names in runnable)]
    if set(needed) - set(workflow.settings.requires):
        words = " and ".join(needed).replace("_", " ")
        yield f"cannot do without its {words}", "requires", _listed(needed)
    with_last = [names for names in runnable if _LAST in names]
    follows = bool(with_last) and all(_FIRST in names for names in with_last)
    if follows and _FIRST not in needed and not workflow.settings.last_frame_needs_first:
        yield "takes a last frame only with a first one", "last_frame_needs_first", "true"


def _runnable_sets(workflow: Workflow, is_optional: OptionalInput) -> Iterator[frozenset[str]]:
    bound = workflow.settings.bind.all()
    given = [one for one in PICTURE_BINDINGS if one in bound]
    for count in range(len(given) + 1):
        for names in combinations(given, count):
            targets = [target for name in names for target in bound[name]]
            if cut_graph(workflow, targets, is_optional) is not None:
                yield frozenset(names)


def _listed(names: list[str]) -> str:
    return "[" + ", ".join(f'"{one}"' for one in names) + "]"
