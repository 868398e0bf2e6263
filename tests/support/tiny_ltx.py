"""Tiny models of LTX-2's successors, which differ as the real ones do.

LTX-2.3 has gates, a modulation by the prompt, a projection of the text for each of picture and
sound (so none in its denoiser), registers, and a vocoder that widens 16 to 48 kHz. LTX-2.5 has no
biases and no modulation in time on top, another text encoder, and a head that guesses durations.
"""

from __future__ import annotations

from typing import Any

import diffusers
import torch
import transformers
from diffusers.pipelines.ltx2.connectors import LTX2TextConnectors
from diffusers.pipelines.ltx2.duration_head import LTX2DurationHead
from diffusers.pipelines.ltx2.vocoder import LTX2VocoderWithBWE

from tests.support.tiny_variants import with_parts

_PICTURE, _SOUND = 32, 8
"""The widths of the streams of picture and sound."""


def ltx23(known: Any) -> Any:
    return with_parts(diffusers.LTX2Pipeline, known, **_parts())


def ltx25(known: Any) -> Any:
    return with_parts(
        diffusers.LTX2Pipeline, known, text_encoder=_gemma4(),
        duration_head=LTX2DurationHead(
            video_cross_attention_dim=_PICTURE, audio_cross_attention_dim=_SOUND,
            pooler_hidden_dim=8, mlp_hidden_dim=8, num_pooler_heads=2,
        ),
        **_parts(
            ff_bias=False, use_prompt_adaln_single=False, use_keyframes_abs_pos_embedding=True
        ),
    )  # fmt: skip


def _parts(**more: Any) -> dict[str, Any]:
    return {
        "connectors": _connectors(),
        "transformer": _transformer(**more),
        "vocoder": _vocoder(),
    }


def _connectors() -> Any:
    told = {
        f"{kind}_{name}": value
        for kind, heads in (("video", 4), ("audio", 2))
        for name, value in {
            "connector_num_attention_heads": heads,
            "connector_attention_head_dim": (_PICTURE if kind == "video" else _SOUND) // heads,
            "connector_num_layers": 1, "connector_num_learnable_registers": 128,
            "gated_attn": True,
        }.items()
    }  # fmt: skip
    return LTX2TextConnectors(
        caption_channels=16, text_proj_in_factor=3, rope_double_precision=False,
        rope_type="split", per_modality_projections=True, proj_bias=True,
        video_hidden_dim=_PICTURE, audio_hidden_dim=_SOUND, **told,
    )  # fmt: skip


def _transformer(**more: Any) -> Any:
    return diffusers.LTX2VideoTransformer3DModel(
        in_channels=16, out_channels=16, num_attention_heads=4, attention_head_dim=8,
        cross_attention_dim=_PICTURE, audio_in_channels=16, audio_out_channels=16,
        audio_num_attention_heads=2, audio_attention_head_dim=4, audio_cross_attention_dim=_SOUND,
        num_layers=2, caption_channels=16, rope_double_precision=False, rope_type="split",
        gated_attn=True, cross_attn_mod=True, audio_gated_attn=True, audio_cross_attn_mod=True,
        use_prompt_embeddings=False, perturbed_attn=True, **more,
    )  # fmt: skip


def _vocoder() -> Any:
    made = LTX2VocoderWithBWE(
        in_channels=64, hidden_channels=64, resnet_kernel_sizes=[3], resnet_dilations=[[1]],
        bwe_in_channels=16, bwe_hidden_channels=32, bwe_resnet_kernel_sizes=[3],
        bwe_resnet_dilations=[[1]], num_mel_channels=8,
    )  # fmt: skip
    for table in (made.mel_stft.mel_basis, made.mel_stft.stft_fn.forward_basis):
        torch.nn.init.normal_(table, std=0.1)
    return made


def _gemma4() -> Any:
    text = {
        "vocab_size": 128, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8,
    }  # fmt: skip
    return transformers.Gemma4UnifiedForConditionalGeneration(
        transformers.Gemma4UnifiedConfig(text_config=text)
    )
