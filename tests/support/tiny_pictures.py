"""Tiny models for pictures, and text encoders with eyes; see :mod:`tests.support.tiny_models`."""

from __future__ import annotations

from typing import Any

import diffusers
import transformers

from tests.support.tiny_parts import CHAT, bytes_tokenizer, flow_scheduler

_VISION_TOKENS = (
    "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>",
    "<|video_pad|>",
)  # fmt: skip


def seeing_tokenizer() -> Any:
    """Return a tokenizer that knows the marks around a picture."""
    made = bytes_tokenizer(transformers.Qwen2Tokenizer, CHAT)
    made.add_special_tokens({"additional_special_tokens": list(_VISION_TOKENS)})
    return made


def seeing_encoder() -> Any:
    tokens = seeing_tokenizer()
    text = {
        "vocab_size": 512, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 4096,
        "rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2]},
    }  # fmt: skip
    vision = {
        "depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "patch_size": 14,
        "out_hidden_size": 16, "fullatt_block_indexes": [0],
    }  # fmt: skip
    named = {
        f"{name}_token_id": tokens.convert_tokens_to_ids(f"<|{name}_pad|>")
        for name in ("image", "video")
    }
    return transformers.Qwen2_5_VLForConditionalGeneration(
        transformers.Qwen2_5_VLConfig(text_config=text, vision_config=vision, **named)
    )


def _qwen_parts() -> dict[str, Any]:
    return {
        "scheduler": flow_scheduler(use_dynamic_shifting=True),
        "vae": diffusers.AutoencoderKLQwenImage(
            base_dim=2, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=0
        ),
        "text_encoder": seeing_encoder(),
        "tokenizer": seeing_tokenizer(),
        "transformer": diffusers.QwenImageTransformer2DModel(
            in_channels=64, out_channels=16, num_layers=1, attention_head_dim=16,
            num_attention_heads=2, joint_attention_dim=16, axes_dims_rope=(4, 6, 6),
        ),
    }  # fmt: skip


def qwen_image() -> Any:
    return diffusers.QwenImagePipeline(**_qwen_parts())


def qwen_edit() -> Any:
    return diffusers.QwenImageEditPipeline(processor=seeing_processor(), **_qwen_parts())


def qwen_edit_plus() -> Any:
    return diffusers.QwenImageEditPlusPipeline(processor=seeing_processor(), **_qwen_parts())


def seeing_processor() -> Any:
    return transformers.Qwen2VLProcessor(
        image_processor=transformers.Qwen2VLImageProcessor(),
        tokenizer=seeing_tokenizer(),
        video_processor=transformers.Qwen2VLVideoProcessor(),
    )


def klein() -> Any:
    encoder = transformers.Qwen3ForCausalLM(
        transformers.Qwen3Config(
            vocab_size=512, hidden_size=8, intermediate_size=8, num_hidden_layers=27,
            num_attention_heads=2, num_key_value_heads=1, head_dim=4,
        )
    )  # fmt: skip
    return diffusers.Flux2KleinPipeline(
        scheduler=flow_scheduler(use_dynamic_shifting=True),
        vae=diffusers.AutoencoderKLFlux2(
            block_out_channels=(8, 8, 8, 8), latent_channels=4, norm_num_groups=4,
            layers_per_block=1, sample_size=64,
        ),
        text_encoder=encoder,
        tokenizer=bytes_tokenizer(transformers.Qwen2Tokenizer, CHAT),
        transformer=diffusers.Flux2Transformer2DModel(
            in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16,
            num_attention_heads=2, joint_attention_dim=24, timestep_guidance_channels=16,
            axes_dims_rope=(4, 4, 4, 4), guidance_embeds=False,
        ),
        is_distilled=True,
    )  # fmt: skip


def clip_tokenizer() -> Any:
    letters = [chr(one) for one in range(33, 127)]
    words = [*letters, *(f"{one}</w>" for one in letters), "<|startoftext|>", "<|endoftext|>"]
    return transformers.CLIPTokenizer(
        vocab={text: number for number, text in enumerate(words)}, merges=[], model_max_length=77
    )


def clip_config(**more: Any) -> Any:
    return transformers.CLIPTextConfig(
        vocab_size=512, hidden_size=16, intermediate_size=16, num_hidden_layers=2,
        num_attention_heads=2, projection_dim=16, bos_token_id=188, eos_token_id=189,
        pad_token_id=189, **more,
    )  # fmt: skip


def sdxl() -> Any:
    return diffusers.StableDiffusionXLPipeline(
        vae=diffusers.AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
            block_out_channels=(8, 8, 8, 8), latent_channels=4, norm_num_groups=4, sample_size=64,
        ),
        text_encoder=transformers.CLIPTextModel(clip_config()),
        text_encoder_2=transformers.CLIPTextModelWithProjection(clip_config()),
        tokenizer=clip_tokenizer(),
        tokenizer_2=clip_tokenizer(),
        unet=diffusers.UNet2DConditionModel(
            block_out_channels=(8, 16), layers_per_block=1, sample_size=8, in_channels=4,
            out_channels=4, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), attention_head_dim=(2, 4),
            use_linear_projection=True, addition_embed_type="text_time",
            addition_time_embed_dim=8, transformer_layers_per_block=(1, 1),
            projection_class_embeddings_input_dim=64, cross_attention_dim=32, norm_num_groups=4,
        ),
        scheduler=diffusers.EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, steps_offset=1, beta_schedule="scaled_linear",
            timestep_spacing="leading",
        ),
    )  # fmt: skip
