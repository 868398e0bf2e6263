"""Tiny models of true classes with random weights; run with a Python that has torch.

``python -m tests.support.tiny_models FOLDER [NAME…]`` makes those, or all, that are not there
yet. Their VAEs have the compression ratios of the real models, so that their frame rules are true.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers

from tests.support import tiny_ltx, tiny_variants
from tests.support.sdxl_file import write_sdxl_file
from tests.support.tiny_minimax import TinyMiniMax
from tests.support.tiny_parts import CHAT, bytes_tokenizer, flow_scheduler
from tests.support.tiny_pictures import (
    clip_config,
    clip_tokenizer,
    klein,
    qwen_edit,
    qwen_edit_plus,
    qwen_image,
    sdxl,
    seeing_encoder,
    seeing_tokenizer,
)

_CHARACTERS = [chr(one) for one in range(32, 127)]


def t5_tokenizer() -> Any:
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    pieces += [(one, -3.0) for one in ["▁", *_CHARACTERS[1:]]]
    return transformers.T5Tokenizer(vocab=pieces, extra_ids=0)


def umt5() -> Any:
    return transformers.UMT5EncoderModel(
        transformers.UMT5Config(
            vocab_size=128, d_model=32, d_kv=8, d_ff=32, num_layers=2, num_heads=4
        )
    )


def wan_transformer(in_channels: int = 16, out_channels: int = 16, **more: Any) -> Any:
    return diffusers.WanTransformer3DModel(
        patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=16,
        in_channels=in_channels, out_channels=out_channels, text_dim=32, freq_dim=64, ffn_dim=32,
        num_layers=1, cross_attn_norm=True, qk_norm="rms_norm_across_heads", rope_max_seq_len=128,
        **more,
    )  # fmt: skip


def wan_vae() -> Any:
    return diffusers.AutoencoderKLWan(
        base_dim=4, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
        temperal_downsample=[False, True, True],
    )  # fmt: skip


def wan_parts() -> dict[str, Any]:
    return {
        "tokenizer": t5_tokenizer(),
        "text_encoder": umt5(),
        "scheduler": diffusers.UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
        ),
    }


def wan21() -> Any:
    return diffusers.WanPipeline(vae=wan_vae(), transformer=wan_transformer(), **wan_parts())


def wan22_a14b() -> Any:
    return diffusers.WanPipeline(
        vae=wan_vae(), transformer=wan_transformer(), transformer_2=wan_transformer(),
        boundary_ratio=0.875, **wan_parts(),
    )  # fmt: skip


def wan22_i2v() -> Any:
    return diffusers.WanImageToVideoPipeline(
        vae=wan_vae(), transformer=wan_transformer(36), transformer_2=wan_transformer(36),
        boundary_ratio=0.9, **wan_parts(),
    )  # fmt: skip


def wan22_5b() -> Any:
    vae = diffusers.AutoencoderKLWan(
        base_dim=4, z_dim=48, dim_mult=[1, 1, 1, 1], num_res_blocks=1,
        temperal_downsample=[False, True, True], in_channels=12, out_channels=12,
        is_residual=True, patch_size=2, latents_mean=[0.0] * 48, latents_std=[1.0] * 48,
        scale_factor_spatial=16, scale_factor_temporal=4, decoder_base_dim=4,
    )  # fmt: skip
    return diffusers.WanPipeline(
        vae=vae, transformer=wan_transformer(48, 48), expand_timesteps=True, **wan_parts()
    )


def gemma_tokenizer() -> Any:
    vocab = {text: number for number, text in enumerate(
        ["<pad>", "<eos>", "<bos>", "<unk>", "▁", *_CHARACTERS]
    )}  # fmt: skip
    return transformers.GemmaTokenizer(vocab=vocab, merges=[])


def ltx2() -> Any:
    from diffusers.pipelines.ltx2.connectors import LTX2TextConnectors
    from diffusers.pipelines.ltx2.vocoder import LTX2Vocoder

    text = {
        "vocab_size": 128, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8,
    }  # fmt: skip
    vision = {
        "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1,
        "num_attention_heads": 2, "image_size": 28, "patch_size": 14,
    }  # fmt: skip
    encoder = transformers.Gemma3ForConditionalGeneration(
        transformers.Gemma3Config(text_config=text, vision_config=vision, mm_tokens_per_image=4)
    )
    connector = {
        f"{kind}_connector_{name}": value
        for kind in ("video", "audio")
        for name, value in {
            "num_attention_heads": 2, "attention_head_dim": 8, "num_layers": 1,
            "num_learnable_registers": None,
        }.items()
    }  # fmt: skip
    return diffusers.LTX2Pipeline(
        scheduler=flow_scheduler(use_dynamic_shifting=True),
        vae=diffusers.AutoencoderKLLTX2Video(
            latent_channels=16, block_out_channels=(8, 16, 32, 32),
            decoder_block_out_channels=(8, 16, 32), layers_per_block=(1,) * 5,
            decoder_layers_per_block=(1,) * 4, spatial_compression_ratio=32,
            temporal_compression_ratio=8,
        ),
        audio_vae=diffusers.AutoencoderKLLTX2Audio(
            base_channels=16, num_res_blocks=1, latent_channels=2, mel_bins=32
        ),
        text_encoder=encoder,
        tokenizer=gemma_tokenizer(),
        connectors=LTX2TextConnectors(
            caption_channels=16, text_proj_in_factor=3, rope_double_precision=False, **connector
        ),
        transformer=diffusers.LTX2VideoTransformer3DModel(
            in_channels=16, out_channels=16, num_attention_heads=4, attention_head_dim=8,
            cross_attention_dim=32, audio_in_channels=16, audio_out_channels=16,
            audio_num_attention_heads=2, audio_attention_head_dim=4,
            audio_cross_attention_dim=8, num_layers=1, caption_channels=16,
            rope_double_precision=False,
        ),
        vocoder=LTX2Vocoder(
            in_channels=64, hidden_channels=32, resnet_kernel_sizes=[3], resnet_dilations=[[1]]
        ),
    )  # fmt: skip


def hunyuan15() -> Any:
    encoder = transformers.Qwen2_5_VLTextModel(
        transformers.Qwen2_5_VLTextConfig(
            vocab_size=512, hidden_size=16, intermediate_size=16, num_hidden_layers=2,
            num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=2048,
            rope_parameters={"rope_type": "default", "mrope_section": [1, 1, 2]},
        )
    )  # fmt: skip
    glyphs = transformers.T5EncoderModel(
        transformers.T5Config(
            vocab_size=384, d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2
        )
    )
    return diffusers.HunyuanVideo15Pipeline(
        text_encoder=encoder,
        tokenizer=bytes_tokenizer(transformers.Qwen2Tokenizer, CHAT),
        transformer=diffusers.HunyuanVideo15Transformer3DModel(
            in_channels=9, out_channels=4, num_attention_heads=2, attention_head_dim=16,
            num_layers=1, num_refiner_layers=1, mlp_ratio=2.0, text_embed_dim=16,
            text_embed_2_dim=16, image_embed_dim=8, rope_axes_dim=(4, 6, 6), task_type="t2v",
        ),
        vae=diffusers.AutoencoderKLHunyuanVideo15(
            latent_channels=4, block_out_channels=(16, 16, 32, 32, 32), layers_per_block=1
        ),
        scheduler=flow_scheduler(shift=7.0),
        text_encoder_2=glyphs,
        tokenizer_2=transformers.ByT5Tokenizer(),
        guider=diffusers.ClassifierFreeGuidance(guidance_scale=6.0),
    )  # fmt: skip


def sana() -> Any:
    encoder = transformers.Gemma2Model(
        transformers.Gemma2Config(
            vocab_size=128, hidden_size=16, intermediate_size=16, num_hidden_layers=1,
            num_attention_heads=2, num_key_value_heads=1, head_dim=8,
        )
    )  # fmt: skip
    return diffusers.SanaVideoPipeline(
        tokenizer=gemma_tokenizer(),
        text_encoder=encoder,
        vae=wan_vae(),
        transformer=diffusers.SanaVideoTransformer3DModel(
            num_attention_heads=2, attention_head_dim=12, num_layers=1,
            num_cross_attention_heads=2, cross_attention_head_dim=12, cross_attention_dim=24,
            caption_channels=16, sample_size=8,
        ),
        scheduler=diffusers.DPMSolverMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True
        ),
    )  # fmt: skip


def zimage() -> Any:
    encoder = transformers.Qwen3Model(
        transformers.Qwen3Config(
            vocab_size=512, hidden_size=16, intermediate_size=16, num_hidden_layers=2,
            num_attention_heads=2, num_key_value_heads=1, head_dim=8,
        )
    )  # fmt: skip
    return diffusers.ZImagePipeline(
        scheduler=flow_scheduler(shift=3.0),
        vae=picture_vae(16),
        text_encoder=encoder,
        tokenizer=bytes_tokenizer(transformers.Qwen2Tokenizer, CHAT),
        transformer=diffusers.ZImageTransformer2DModel(
            dim=32, n_layers=1, n_refiner_layers=1, n_heads=2, n_kv_heads=2, cap_feat_dim=16,
            axes_dims=[4, 6, 6], axes_lens=[512, 128, 128],
        ),
    )  # fmt: skip


def picture_vae(channels: int) -> Any:
    return diffusers.AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(8, 8, 8, 8), latent_channels=channels, norm_num_groups=4,
        sample_size=64, scaling_factor=0.3611, shift_factor=0.1159, use_quant_conv=False,
        use_post_quant_conv=False,
    )  # fmt: skip


def cogvideox() -> Any:
    return diffusers.CogVideoXPipeline(
        tokenizer=t5_tokenizer(),
        text_encoder=transformers.T5EncoderModel(
            transformers.T5Config(
                vocab_size=128, d_model=32, d_kv=8, d_ff=32, num_layers=1, num_heads=4
            )
        ),
        vae=diffusers.AutoencoderKLCogVideoX(
            block_out_channels=(8, 8, 8, 8), latent_channels=4, layers_per_block=1,
            norm_num_groups=2, temporal_compression_ratio=4,
        ),
        transformer=diffusers.CogVideoXTransformer3DModel(
            num_attention_heads=2, attention_head_dim=16, in_channels=4, out_channels=4,
            time_embed_dim=2, text_embed_dim=32, num_layers=1, sample_width=8, sample_height=8,
            sample_frames=9, max_text_seq_length=226,
        ),
        scheduler=diffusers.DDIMScheduler(),
    )  # fmt: skip


def mochi() -> Any:
    return diffusers.MochiPipeline(
        tokenizer=t5_tokenizer(),
        text_encoder=transformers.T5EncoderModel(
            transformers.T5Config(
                vocab_size=128, d_model=32, d_kv=8, d_ff=32, num_layers=1, num_heads=4
            )
        ),
        vae=diffusers.AutoencoderKLMochi(
            encoder_block_out_channels=(32, 32, 32, 32),
            decoder_block_out_channels=(32, 32, 32, 32), layers_per_block=(1,) * 5,
            add_attention_block=(False,) * 5,
        ),
        transformer=diffusers.MochiTransformer3DModel(
            num_attention_heads=2, attention_head_dim=8, num_layers=2, pooled_projection_dim=16,
            text_embed_dim=32, time_embed_dim=4,
        ),
        scheduler=flow_scheduler(),
    )  # fmt: skip


def kandinsky5() -> Any:
    return diffusers.Kandinsky5T2VPipeline(
        transformer=diffusers.Kandinsky5Transformer3DModel(
            in_visual_dim=4, in_text_dim=16, in_text_dim2=16, time_dim=16, out_visual_dim=4,
            model_dim=16, ff_dim=16, num_text_blocks=1, num_visual_blocks=1, axes_dims=(4, 6, 6),
        ),
        vae=diffusers.AutoencoderKLHunyuanVideo(
            latent_channels=4, block_out_channels=(8, 8, 8, 8), layers_per_block=1,
            norm_num_groups=4,
        ),
        text_encoder=seeing_encoder(),
        # The real one also has pictures, for which it needs torchvision, of which there is no build
        # for this torch.
        tokenizer=seeing_tokenizer(),
        text_encoder_2=transformers.CLIPTextModel(clip_config()),
        tokenizer_2=clip_tokenizer(),
        scheduler=flow_scheduler(shift=5.0),
    )  # fmt: skip


def minimax_h3() -> Any:
    return TinyMiniMax()


MAKERS: dict[str, Callable[[], Any]] = {
    one.__name__: one
    for one in (
        wan21, wan22_a14b, wan22_i2v, wan22_5b, ltx2, hunyuan15, sana, zimage, cogvideox, mochi,
        kandinsky5, qwen_image, qwen_edit, qwen_edit_plus, klein, minimax_h3, sdxl,
    )
}  # fmt: skip


def write_lora(path: Path, model: Path) -> None:
    """Write a LoRA of a tiny Wan that changes what it renders."""
    from peft import LoraConfig, get_peft_model_state_dict

    pipeline = diffusers.WanPipeline.from_pretrained(model)
    config = LoraConfig(r=2, lora_alpha=2, target_modules=["to_q", "to_v"], init_lora_weights=False)
    pipeline.transformer.add_adapter(config)
    layers = get_peft_model_state_dict(pipeline.transformer)
    layers = {name: tensor * 20 for name, tensor in layers.items()}
    diffusers.WanPipeline.save_lora_weights(
        path.parent, transformer_lora_layers=layers, weight_name=path.name
    )


MAKERS |= {
    "cogvideox15": lambda: tiny_variants.cogvideox15(cogvideox()),
    "cogvideox15_i2v": lambda: tiny_variants.cogvideox15_i2v(cogvideox()),
    "sana_i2v": lambda: tiny_variants.sana_i2v(sana()),
    "kandinsky5_i2v": lambda: tiny_variants.kandinsky5_i2v(kandinsky5()),
    "kandinsky6": lambda: tiny_variants.kandinsky6(kandinsky5()),
    "hunyuan15_i2v": lambda: tiny_variants.hunyuan15_i2v(hunyuan15()),
    "wan21_i2v": lambda: tiny_variants.wan21_i2v(wan21()),
    "cogvideox_i2v": lambda: tiny_variants.cogvideox_i2v(cogvideox()),
    "kandinsky6_silent": lambda: tiny_variants.kandinsky6_silent(kandinsky5()),
    "ltx23": lambda: tiny_ltx.ltx23(ltx2()),
    "ltx25": lambda: tiny_ltx.ltx25(ltx2()),
}


GGUF_MODELS = ("wan21", "ltx2", "zimage", "qwen_image", "klein")
"""Tiny models whose transformers are also written as GGUF."""


def write_single_files(folder: Path) -> None:
    """Write transformers, and all weights of SDXL, as single files."""
    from safetensors.torch import save_file

    for name in GGUF_MODELS:
        found = diffusers.DiffusionPipeline.from_pretrained(folder / name).transformer.state_dict()
        write_gguf(folder / f"{name}.gguf", found)
        if name == "wan21":
            save_file(found, folder / f"{name}.safetensors")
    write_sdxl_file(folder / "sdxl.safetensors", folder / "sdxl")


def write_gguf(path: Path, tensors: Mapping[str, Any]) -> None:
    """Write tensors as GGUF: layers whose rows are whole blocks have eight bits a number."""
    import gguf

    def is_layer(name: str) -> bool:
        # Tables and tokens keep their numbers, as converters have it.
        return name.endswith(".weight") and "embed" not in name

    writer, wide = gguf.GGUFWriter(path, path.stem), gguf.GGMLQuantizationType.Q8_0
    for name, tensor in tensors.items():
        numbers = tensor.float().numpy()
        if is_layer(name) and numbers.ndim == 2 and numbers.shape[1] % 32 == 0:
            writer.add_tensor(name, gguf.quants.quantize(numbers, wide), raw_dtype=wide)
        else:
            writer.add_tensor(name, numbers)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main(folder: Path, names: list[str]) -> None:
    for name in names or MAKERS:
        target = folder / name
        if not any(target.glob("*model_index.json")):
            torch.manual_seed(0)
            MAKERS[name]().save_pretrained(target)
    if not names:
        write_lora(folder / "lora.safetensors", folder / "wan21")
        write_single_files(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
