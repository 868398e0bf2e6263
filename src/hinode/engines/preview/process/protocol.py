"""The protocol between the engine and its render process: JSON, one value per line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from hinode.engines.base import (
    Artifact,
    ArtifactRole,
    CharacterImage,
    JobAction,
    MediaKind,
    OutputFormat,
    RenderSpec,
    Shot,
    Style,
)


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """The request to the render process, the first line of its input."""

    spec: RenderSpec
    folder: Path


@dataclass(frozen=True, slots=True)
class RenderProgress:
    """The progress of the render process, 0.0 to 1.0."""

    done: float


@dataclass(frozen=True, slots=True)
class RenderFailure:
    """The reason why the render process failed. ``code`` is stable."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RenderFinished:
    """The files of all outputs."""

    artifacts: list[Artifact]


RenderMessage = RenderProgress | RenderFailure | RenderFinished


def encode_request(request: RenderRequest) -> bytes:
    """Return the request as one line."""
    spec = request.spec
    fields = {
        "job_id": str(spec.job_id), "kind": spec.kind, "prompt": spec.prompt,
        "width": spec.width, "height": spec.height, "fps": spec.fps, "frames": spec.frames,
        "seed": spec.seed, "outputs": spec.outputs, "watermark": spec.watermark,
        "first_frame": _text(spec.first_frame), "action": spec.action,
        "prompt_history": spec.prompt_history,
        "source": _text(spec.source), "kept_frames": spec.kept_frames, "style": spec.style,
        "shots": [(shot.prompt, shot.frames) for shot in spec.shots],
        "characters": [(one.name, str(one.picture)) for one in spec.characters],
        "references": [str(path) for path in spec.references], "mask": _text(spec.mask),
        "picture_format": spec.picture_format, "picture_quality": spec.picture_quality,
        "partials": spec.partials, "watermarked_copy": spec.watermarked_copy,
        "folder": str(request.folder),
    }  # fmt: skip
    return json.dumps(fields).encode() + b"\n"


def decode_request(line: bytes) -> RenderRequest:
    """Return the request of a line; raises ``ValueError`` or ``KeyError`` when it is not one."""
    fields = json.loads(line)
    spec = RenderSpec(
        job_id=UUID(fields["job_id"]),
        kind=MediaKind(fields["kind"]),
        prompt=fields["prompt"],
        width=fields["width"],
        height=fields["height"],
        fps=fields["fps"],
        frames=fields["frames"],
        seed=fields["seed"],
        outputs=fields["outputs"],
        watermark=fields["watermark"],
        first_frame=_path(fields["first_frame"]),
        action=JobAction(fields["action"]),
        prompt_history=tuple(fields["prompt_history"]),
        source=_path(fields["source"]),
        kept_frames=fields["kept_frames"],
        style=Style(fields["style"]) if fields["style"] else None,
        shots=tuple(Shot(prompt, frames) for prompt, frames in fields["shots"]),
        characters=tuple(
            CharacterImage(name, Path(picture)) for name, picture in fields["characters"]
        ),
        references=tuple(Path(path) for path in fields["references"]),
        mask=_path(fields["mask"]),
        picture_format=OutputFormat(fields["picture_format"]),
        picture_quality=fields["picture_quality"],
        partials=fields["partials"],
        watermarked_copy=fields["watermarked_copy"],
    )
    return RenderRequest(spec, Path(fields["folder"]))


def _text(path: Path | None) -> str | None:
    return str(path) if path else None


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def encode_message(message: RenderMessage) -> bytes:
    """Return a message as one line."""
    match message:
        case RenderProgress(done):
            fields: dict[str, object] = {"progress": round(done, 4)}
        case RenderFailure(code, text):
            fields = {"error": code, "message": text}
        case RenderFinished(artifacts):
            fields = {"artifacts": [_artifact_fields(artifact) for artifact in artifacts]}
    return json.dumps(fields).encode() + b"\n"


def decode_message(line: bytes) -> RenderMessage:
    """Return the message of a line; raises ``ValueError`` or ``KeyError`` when it is not one."""
    fields = json.loads(line)
    if "progress" in fields:
        return RenderProgress(float(fields["progress"]))
    if "error" in fields:
        return RenderFailure(str(fields["error"]), str(fields["message"]))
    return RenderFinished([_artifact(item) for item in fields["artifacts"]])


def _artifact_fields(artifact: Artifact) -> dict[str, object]:
    return {
        "output": artifact.output, "role": artifact.role.value, "path": str(artifact.path),
        "content_type": artifact.content_type, "width": artifact.width,
        "height": artifact.height, "frames": artifact.frames, "duration": artifact.duration,
    }  # fmt: skip


def _artifact(fields: dict[str, object]) -> Artifact:
    return Artifact(
        output=int(str(fields["output"])),
        role=ArtifactRole(str(fields["role"])),
        path=Path(str(fields["path"])),
        content_type=str(fields["content_type"]),
        width=int(str(fields["width"])),
        height=int(str(fields["height"])),
        frames=int(str(fields["frames"])),
        duration=float(str(fields["duration"])),
    )
