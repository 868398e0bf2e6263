"""A tiny MiniMax-H3; see :mod:`tests.support.tiny_models`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import diffusers
import transformers

from tests.support.tiny_pictures import seeing_tokenizer

_LAYERS = 51
"""The text encoder's layer number 50 is the one that is read."""


class TinyMiniMax:
    """A model that is saved as its repository has it: the index names that, not the folder."""

    def save_pretrained(self, folder: Path) -> None:
        pipeline = minimax_pipeline()
        pipeline.save_pretrained(str(folder), overwrite_modular_index=True)
        index = folder / "modular_model_index.json"
        found = json.loads(index.read_text())
        for value in found.values():
            if isinstance(value, list) and value[2].get("pretrained_model_name_or_path"):
                value[2]["pretrained_model_name_or_path"] = "MiniMaxAI/MiniMax-H3"
        found["transformer_ref"] = found["transformer"]
        index.write_text(json.dumps(found))


def minimax_pipeline() -> Any:
    pipeline = diffusers.MiniMaxH3ModularPipeline()
    vae = diffusers.AutoencoderKLMiniMaxH3(
        block_out_channels=(8, 8, 8, 8, 8, 8), layers_per_block=1, norm_num_groups=4,
        decoder_num_layers=1, decoder_num_attention_heads=1, decoder_attention_head_dim=16,
        decoder_num_register_tokens=1, decoder_ffn_mult=1,
    )  # fmt: skip
    audio = diffusers.AutoencoderKLMiniMaxH3Audio(
        encoder_dim=2, latent_dim=64, num_attention_heads=2, decoder_dim=128,
        resblock_kernel_sizes=(3,), resblock_dilation_sizes=((1, 3, 5),),
        latents_mean=[0.0] * 32, latents_std=[1.0] * 32,
    )  # fmt: skip
    transformer = diffusers.MiniMaxH3Transformer3DModel(
        num_attention_heads=2, attention_head_dim=96, hidden_size=32, num_layers=1,
        num_refiner_layers=1, ffn_dim=32, text_dim=16, freq_dim=16, time_embed_hidden_dim=32,
        time_embed_dim=16,
    )  # fmt: skip
    pipeline.update_components(
        text_encoder=_encoder(), tokenizer=seeing_tokenizer(), processor=_processor(), vae=vae,
        audio_vae=audio, transformer=transformer,
        scheduler=diffusers.MiniMaxH3Scheduler(shift=12.0),
        audio_scheduler=diffusers.MiniMaxH3Scheduler(shift=3.0),
    )  # fmt: skip
    return pipeline


def _processor() -> Any:
    return transformers.Qwen3VLProcessor(
        image_processor=transformers.Qwen2VLImageProcessor(patch_size=16),
        tokenizer=seeing_tokenizer(),
        video_processor=transformers.Qwen3VLVideoProcessor(),
    )


def _encoder() -> Any:
    tokens = seeing_tokenizer()
    text = {
        "vocab_size": 512, "hidden_size": 16, "intermediate_size": 16,
        "num_hidden_layers": _LAYERS, "num_attention_heads": 2, "num_key_value_heads": 1,
        "head_dim": 8, "max_position_embeddings": 4096,
        "rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2]},
    }  # fmt: skip
    vision = {
        "depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "patch_size": 16,
        "out_hidden_size": 16, "deepstack_visual_indexes": [0], "num_position_embeddings": 16,
    }  # fmt: skip
    named = {
        f"{name}_token_id": tokens.convert_tokens_to_ids(f"<|{text}|>")
        for name, text in (
            ("image", "image_pad"), ("video", "video_pad"), ("vision_start", "vision_start"),
            ("vision_end", "vision_end"),
        )
    }  # fmt: skip
    return transformers.Qwen3VLForConditionalGeneration(
        transformers.Qwen3VLConfig(text_config=text, vision_config=vision, **named)
    )
