"""Variants of tiny models, with weights of their own; see :mod:`tests.support.tiny_models`."""

from __future__ import annotations

from typing import Any

import diffusers
import transformers

from tests.support.tiny_parts import flow_scheduler


def with_parts(kind: Any, known: Any, **parts: Any) -> Any:
    """Return a pipeline of a class over the parts of another one, but for those that are given."""
    return kind(**{**known.components, **parts})


def cogvideox15(known: Any) -> Any:
    return with_parts(diffusers.CogVideoXPipeline, known, transformer=_cog_transformer(4))


def cogvideox15_i2v(known: Any) -> Any:
    kind = diffusers.CogVideoXImageToVideoPipeline
    return with_parts(kind, known, transformer=_cog_transformer(8, ofs_embed_dim=2))


def _cog_transformer(in_channels: int, **more: Any) -> Any:
    return diffusers.CogVideoXTransformer3DModel(
        num_attention_heads=2, attention_head_dim=16, in_channels=in_channels, out_channels=4,
        time_embed_dim=2, text_embed_dim=32, num_layers=1, sample_width=16, sample_height=16,
        sample_frames=9, max_text_seq_length=226, patch_size=2, patch_size_t=2, patch_bias=False,
        use_rotary_positional_embeddings=True, **more,
    )  # fmt: skip


def sana_i2v(known: Any) -> Any:
    return with_parts(diffusers.SanaImageToVideoPipeline, known, scheduler=flow_scheduler())


def kandinsky5_i2v(known: Any) -> Any:
    transformer = diffusers.Kandinsky5Transformer3DModel(
        in_visual_dim=4, in_text_dim=16, in_text_dim2=16, time_dim=16, out_visual_dim=4,
        model_dim=16, ff_dim=16, num_text_blocks=1, num_visual_blocks=1, axes_dims=(4, 6, 6),
        visual_cond=True,
    )  # fmt: skip
    return with_parts(diffusers.Kandinsky5I2VPipeline, known, transformer=transformer)


def kandinsky6(known: Any) -> Any:
    transformer = diffusers.Kandinsky6Transformer3DModel(
        in_visual_dim=4, out_visual_dim=4, in_text_dim=16, in_text_dim2=16, time_dim=16,
        model_dim=16, ff_dim=16, num_text_blocks=1, num_visual_blocks=1, axes_dims=(4, 6, 6),
        in_audio_dim=4, out_audio_dim=4, model_dim_a=16, time_dim_a=16, ff_dim_a=16,
        axes_dims_a=(4, 6, 6), visual_token_type_num_embeddings=2,
    )  # fmt: skip
    return with_parts(
        diffusers.Kandinsky6TI2VAPipeline, known, transformer=transformer,
        audio_vae=diffusers.MMAudioVAE(
            mel_bins=16, latent_channels=4, hidden_channels=8, layers_per_block=1
        ),
        vocoder=diffusers.MMAudioVocoder(
            num_mels=16, upsample_initial_channel=64, resblock_kernel_sizes=(3,),
            resblock_dilation_sizes=((1, 3, 5),),
        ),
    )  # fmt: skip


def hunyuan15_i2v(known: Any) -> Any:
    return with_parts(
        diffusers.HunyuanVideo15ImageToVideoPipeline, known,
        transformer=diffusers.HunyuanVideo15Transformer3DModel(
            in_channels=9, out_channels=4, num_attention_heads=2, attention_head_dim=16,
            num_layers=1, num_refiner_layers=1, mlp_ratio=2.0, text_embed_dim=16,
            text_embed_2_dim=16, image_embed_dim=8, rope_axes_dim=(4, 6, 6), task_type="i2v",
            target_size=64,
        ),
        image_encoder=transformers.SiglipVisionModel(
            transformers.SiglipVisionConfig(
                hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1,
                image_size=28, patch_size=14,
            )
        ),
        feature_extractor=transformers.SiglipImageProcessor(size={"height": 28, "width": 28}),
    )  # fmt: skip


def wan21_i2v(known: Any) -> Any:
    """Return a Wan 2.1 for a first frame, which its text cannot do without: eyes of CLIP see it."""
    transformer = diffusers.WanTransformer3DModel(
        patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=16, in_channels=36,
        out_channels=16, text_dim=32, freq_dim=64, ffn_dim=32, num_layers=1, cross_attn_norm=True,
        qk_norm="rms_norm_across_heads", rope_max_seq_len=128, image_dim=16, added_kv_proj_dim=32,
    )  # fmt: skip
    eyes = transformers.CLIPVisionConfig(
        hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
        image_size=28, patch_size=14, projection_dim=16,
    )  # fmt: skip
    return with_parts(
        diffusers.WanImageToVideoPipeline, known, transformer=transformer,
        image_encoder=transformers.CLIPVisionModel(eyes),
        image_processor=transformers.CLIPImageProcessor(
            size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28}
        ),
    )  # fmt: skip


def cogvideox_i2v(known: Any) -> Any:
    transformer = diffusers.CogVideoXTransformer3DModel(
        num_attention_heads=2, attention_head_dim=16, in_channels=8, out_channels=4,
        time_embed_dim=2, text_embed_dim=32, num_layers=1, sample_width=8, sample_height=8,
        sample_frames=9, max_text_seq_length=226, use_rotary_positional_embeddings=True,
        use_learned_positional_embeddings=True,
    )  # fmt: skip
    return with_parts(diffusers.CogVideoXImageToVideoPipeline, known, transformer=transformer)


def kandinsky6_silent(known: Any) -> Any:
    return with_parts(
        diffusers.Kandinsky6TI2VAPipeline, kandinsky6(known), audio_vae=None, vocoder=None
    )
