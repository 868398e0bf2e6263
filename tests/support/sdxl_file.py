"""Write a tiny SDXL as one file, its tensors named as the makers of the original name them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import diffusers
import torch
from safetensors.torch import save_file

_Renames = tuple[tuple[str, str], ...]

_RESNET: _Renames = (
    (r"norm1", "in_layers.0"), (r"conv1", "in_layers.2"), (r"norm2", "out_layers.0"),
    (r"conv2", "out_layers.3"), (r"time_emb_proj", "emb_layers.1"),
    (r"conv_shortcut", "skip_connection"),
)  # fmt: skip
_UNET: _Renames = (
    (r"^time_embedding\.linear_1", "time_embed.0"), (r"^time_embedding\.linear_2", "time_embed.2"),
    (r"^add_embedding\.linear_1", "label_emb.0.0"), (r"^add_embedding\.linear_2", "label_emb.0.2"),
    (r"^conv_in", "input_blocks.0.0"), (r"^conv_norm_out", "out.0"), (r"^conv_out", "out.2"),
    (r"^mid_block\.attentions\.0", "middle_block.1"), (r"^mid_block\.resnets\.0", "middle_block.0"),
    (r"^mid_block\.resnets\.1", "middle_block.2"),
    # Two blocks of one layer each, as the tiny one has.
    (r"^down_blocks\.0\.resnets\.0", "input_blocks.1.0"),
    (r"^down_blocks\.0\.downsamplers\.0\.conv", "input_blocks.2.0.op"),
    (r"^down_blocks\.1\.resnets\.0", "input_blocks.3.0"),
    (r"^down_blocks\.1\.attentions\.0", "input_blocks.3.1"),
    (r"^up_blocks\.0\.resnets\.(\d)", r"output_blocks.\1.0"),
    (r"^up_blocks\.0\.attentions\.(\d)", r"output_blocks.\1.1"),
    (r"^up_blocks\.0\.upsamplers\.0\.conv", "output_blocks.1.2.conv"),
    (r"^up_blocks\.1\.resnets\.0", "output_blocks.2.0"),
    (r"^up_blocks\.1\.resnets\.1", "output_blocks.3.0"),
)  # fmt: skip
_VAE: _Renames = (
    (r"conv_shortcut", "nin_shortcut"), (r"\.conv_norm_out", ".norm_out"),
    (r"mid_block\.attentions\.0", "mid.attn_1"), (r"group_norm", "norm"),
    (r"to_out\.0", "proj_out"), (r"to_([qkv])\.", r"\1."),
    (r"mid_block\.resnets\.0", "mid.block_1"), (r"mid_block\.resnets\.1", "mid.block_2"),
    (r"down_blocks\.(\d)\.resnets\.(\d)", r"down.\1.block.\2"),
    (r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample"),
    (r"up_blocks\.(\d)\.resnets\.(\d)", r"up.-\1.block.\2"),
    (r"up_blocks\.(\d)\.upsamplers\.0", r"up.-\1.upsample"),
    (r"up\.-0", "up.3"), (r"up\.-1", "up.2"), (r"up\.-2", "up.1"), (r"up\.-3", "up.0"),
)  # fmt: skip
_OPEN_CLIP: _Renames = (
    (r"^text_model\.", ""), (r"^embeddings\.position_embedding\.weight", "positional_embedding"),
    (r"^embeddings\.", ""), (r"^final_layer_norm", "ln_final"),
    (r"^encoder\.layers", "transformer.resblocks"), (r"layer_norm1", "ln_1"),
    (r"layer_norm2", "ln_2"), (r"mlp\.fc1", "mlp.c_fc"), (r"mlp\.fc2", "mlp.c_proj"),
    (r"self_attn\.", "attn."), (r"^text_projection\.weight", "text_projection"),
)  # fmt: skip


def write_sdxl_file(path: Path, model: Path) -> None:
    """Write the denoiser, the VAE and the text encoders of a tiny SDXL."""
    pipeline = diffusers.StableDiffusionXLPipeline.from_pretrained(model)
    parts = (
        ("model.diffusion_model.", _UNET, _of(pipeline.unet)),
        ("first_stage_model.", _VAE, _of(pipeline.vae)),
        ("conditioner.embedders.0.transformer.text_model.", (), _of(pipeline.text_encoder)),
        ("conditioner.embedders.1.model.", _OPEN_CLIP, _joined(_of(pipeline.text_encoder_2))),
    )
    tensors = {
        name: tensor.contiguous()
        for prefix, renames, part in parts
        for name, tensor in _named(prefix, renames, part)
    }
    save_file(tensors, path)


def _of(part: Any) -> Iterator[tuple[str, torch.Tensor]]:
    yield from part.state_dict().items()


def _named(
    prefix: str, renames: _Renames, tensors: Iterator[tuple[str, torch.Tensor]]
) -> Iterator[tuple[str, torch.Tensor]]:
    for name, tensor in tensors:
        new = name
        for pattern, text in renames:
            new = re.sub(pattern, text, new)
        if renames is _UNET and "resnets" in name:
            for pattern, text in _RESNET:
                new = re.sub(pattern, text, new)
        yield prefix + new.removeprefix("text_model."), tensor


def _joined(tensors: Iterator[tuple[str, torch.Tensor]]) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield tensors of a text encoder, queries, keys and values as one, projections transposed."""
    parts: dict[str, list[torch.Tensor]] = {}
    for name, tensor in tensors:
        if match := re.fullmatch(r"(.*)\.([qkv])_proj\.(weight|bias)", name):
            joined = parts.setdefault(f"{match[1]}.in_proj_{match[3]}", [])
            joined.insert("qkv".index(match[2]), tensor)
        elif name == "text_projection.weight":
            yield name, tensor.T
        else:
            yield name, tensor
    for name, joined in parts.items():
        yield name, torch.cat(joined)
