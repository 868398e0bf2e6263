"""`hinode generate`: from a prompt to a file, here or on a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hinode.cli import options
from hinode.cli.output import print_json
from hinode.core.auth.types import Priority


def generate(
    prompt: Annotated[str, typer.Argument(help="What the video shows.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File to write; with --n also -2, -3, …")
    ] = Path("video.mp4"),
    model: Annotated[
        str | None, typer.Option(help="Model, as in `hinode model list`. [default: sora-2]")
    ] = None,
    size: Annotated[str | None, typer.Option(help="WIDTHxHEIGHT. [default: the model's]")] = None,
    seconds: Annotated[
        str | None, typer.Option(help="Length in seconds. [default: the model's]")
    ] = None,
    image: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Image file that the video starts from."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed; the same seed gives the same video. [default: random]")
    ] = None,
    num_frames: Annotated[
        int | None, typer.Option(min=1, help="Exact number of frames, instead of --seconds.")
    ] = None,
    fps: Annotated[
        int | None, typer.Option(min=1, help="Frames per second. [default: the model's]")
    ] = None,
    resolution: Annotated[
        str | None, typer.Option(help="Short side instead of --size: 480p, 720p, 1080p, 4k.")
    ] = None,
    orientation: Annotated[
        str | None, typer.Option(help="Instead of --size: portrait, landscape, square.")
    ] = None,
    aspect_ratio: Annotated[
        str | None, typer.Option(help="Instead of --size, such as 16:9.")
    ] = None,
    hd: Annotated[bool | None, typer.Option("--hd", help="In HD, if the model has it.")] = None,
    style: Annotated[str | None, typer.Option(help="Style, such as anime.")] = None,
    negative_prompt: Annotated[
        str | None, typer.Option(help="What the video should not show.")
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Number of denoising steps.")] = None,
    guidance_scale: Annotated[
        float | None, typer.Option(min=0, help="How closely the prompt is followed.")
    ] = None,
    guidance_scale_2: Annotated[
        float | None, typer.Option(min=0, help="Guidance of a model's second stage.")
    ] = None,
    audio: Annotated[
        bool | None, typer.Option("--audio/--no-audio", help="With or without sound.")
    ] = None,
    last_frame: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Image file that the video ends on."),
    ] = None,
    reference_image: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="Image of what it shows; repeatable."),
    ] = None,
    lora: Annotated[
        list[str] | None,
        typer.Option(help="LoRA of the model, as NAME or NAME=WEIGHT; repeatable."),
    ] = None,
    extra_param: Annotated[
        list[str] | None,
        typer.Option(help="Parameter that the engine declares, as NAME=VALUE; repeatable."),
    ] = None,
    frame_interpolation: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=3,
            help="Rounds of frames added between the rendered ones; each doubles the rate.",
        ),
    ] = None,
    upscaling: Annotated[
        int | None,
        typer.Option(min=2, max=4, help="Factor by which both sides are enlarged after it."),
    ] = None,
    character: Annotated[
        list[str] | None,
        typer.Option(help="Id of a character that appears in it, with --server; repeatable."),
    ] = None,
    remix: Annotated[
        str | None, typer.Option(help="Id of the video that it is a remix of, with --server.")
    ] = None,
    n: Annotated[int, typer.Option(min=1, max=4, help="Number of variants.")] = 1,
    priority: Annotated[
        Priority | None, typer.Option(help="Place in the server's queue. [default: the key's]")
    ] = None,
    watermark: Annotated[bool, typer.Option("--watermark", help="Draw a visible mark.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    server: Annotated[
        str | None, typer.Option(help="Render on this server, such as http://127.0.0.1:8000.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(envvar="HINODE_KEY", help="API key for --server.")
    ] = None,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Render a video to a file, here or on a running server with --server and --key."""
    from hinode.cli.generate_options import GenerateOptions, read_loras, read_pairs

    settings = options.read_settings(data, database)
    parameters: dict[str, object] = {
        "model": model,
        "size": size,
        "seconds": seconds,
        "seed": seed,
        "n": n,
        "watermark": watermark,
        "num_frames": num_frames,
        "fps": fps,
        "resolution": resolution,
        "orientation": orientation,
        "aspect_ratio": aspect_ratio,
        "hd": hd,
        "style": style,
        "negative_prompt": negative_prompt,
        "num_inference_steps": steps,
        "guidance_scale": guidance_scale,
        "guidance_scale_2": guidance_scale_2,
        "generate_audio": audio,
        "lora": read_loras(lora or ()),
        "extra_params": read_pairs(extra_param or ()),
        "frame_interpolation_exp": frame_interpolation,
        "upscaling_scale": upscaling,
        "characters": [{"id": one} for one in character or ()],
        "remix_id": remix,
        "priority": priority,
    }
    opts = GenerateOptions(
        prompt,
        output,
        {name: one for name, one in parameters.items() if one not in (None, [], {})},
        image,
        last_frame,
        tuple(reference_image or ()),
        n,
        force,
    )
    if server is None:
        from hinode.cli.generate_local import render_local

        rendered = render_local(settings, opts)
    else:
        from hinode.cli.generate_remote import render_remote
        from hinode.kit.proxy import parse_proxy

        rendered = render_remote(server, key, opts, parse_proxy(settings.proxy))
    if as_json:
        print_json({"id": rendered.video_id, "files": [str(file) for file in rendered.files]})
        return
    for file in rendered.files:
        typer.echo(file)
