import type { components } from "../../api/schema";
import { ownLink } from "../../app/base";
import type { Video } from "../video";

export type VideoModel = components["schemas"]["VideoModel"];

export const STYLES = [
  "festive", "kakalaka", "news", "selfie", "handheld", "golden", "anime", "retro", "nostalgic", "comic",
] as const;
export type Style = (typeof STYLES)[number];

export type Derivation = "remix" | "edit" | "extend";

/** An image that was uploaded, with an address to show it by. */
export interface Picture {
  fileId: string;
  name: string;
  url: string;
}

/** What is typed and chosen in the composer. Empty texts stand for the server's default. */
export interface Draft {
  prompt: string;
  model: string;
  size: string;
  seconds: string;
  outputs: number;
  style: Style | null;
  firstFrame: Picture | null;
  lastFrame: Picture | null;
  characters: string[];
  seed: string;
  negativePrompt: string;
  fps: string;
  steps: string;
  guidance: string;
  sound: boolean;
  watermark: boolean;
}

export const EMPTY: Draft = {
  prompt: "",
  model: "",
  size: "",
  seconds: "",
  outputs: 1,
  style: null,
  firstFrame: null,
  lastFrame: null,
  characters: [],
  seed: "",
  negativePrompt: "",
  fps: "",
  steps: "",
  guidance: "",
  sound: true,
  watermark: false,
};

/** Return the draft without what the model cannot do. */
export function fitted(draft: Draft, model: VideoModel | undefined): Draft {
  if (!model) return draft;
  const has = (name: string) => model.parameters.includes(name);
  const size = model.sizes.includes(draft.size) ? draft.size : model.default_size;
  const lengths = model.hd_sizes.includes(size) ? model.hd_durations : model.durations;
  return {
    ...draft,
    model: model.id,
    size,
    seconds: lengths.includes(draft.seconds) ? draft.seconds : fallback(lengths, model),
    outputs: Math.min(draft.outputs, model.max_outputs),
    style: has("style") ? draft.style : null,
    firstFrame: model.inputs.includes("first_frame") ? draft.firstFrame : null,
    lastFrame: has("last_frame") ? draft.lastFrame : null,
    negativePrompt: has("negative_prompt") ? draft.negativePrompt : "",
    fps: has("fps") ? draft.fps : "",
    steps: has("num_inference_steps") ? draft.steps : "",
    guidance: has("guidance_scale") ? draft.guidance : "",
    sound: has("generate_audio") ? draft.sound : true,
  };
}

/** Return whether a model makes no video of words alone: it needs a picture to begin with. */
export function needsFrame(model: VideoModel | undefined): boolean {
  return model !== undefined && !model.inputs.includes("text");
}

function fallback(lengths: string[], model: VideoModel): string {
  return lengths.includes(model.default_duration) ? model.default_duration : (lengths[0] ?? "");
}

/** Return the settings of a video, to make another like it; a derived one gets words of its own. */
export function draftOf(video: Video, action: Derivation | null): Partial<Draft> {
  const shape = { model: video.model, size: video.size };
  if (action !== null) return shape;
  const { parameters: given } = video;
  return {
    ...shape,
    prompt: video.prompt,
    seconds: String(video.seconds),
    outputs: video.outputs,
    seed: String(video.seed),
    style: STYLES.find((one) => one === given.style) ?? null,
    characters: video.characters,
    negativePrompt: given.negative_prompt ?? "",
    steps: numberText(given.num_inference_steps),
    guidance: numberText(given.guidance_scale),
    sound: given.generate_audio ?? true,
    watermark: video.watermark,
  };
}

function numberText(value: number | null | undefined): string {
  return value == null ? "" : String(value);
}

/** Addresses of the pictures that a video began and ended with. */
export interface Frames {
  firstFrame?: string | undefined;
  lastFrame?: string | undefined;
}

export function framesOf(video: Video): Frames {
  const url = (role: Video["inputs"][number]["role"]) => {
    const found = video.inputs.find((one) => one.role === role);
    return found?.url ? ownLink(found.url) : undefined;
  };
  return { firstFrame: url("upload"), lastFrame: url("last_frame") };
}
