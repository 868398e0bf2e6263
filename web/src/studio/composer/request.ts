import type { paths } from "../../api/schema";
import type { Derivation, Draft } from "./draft";
import type { Source } from "./useCreate";

export type CreateBody = NonNullable<
  paths["/v1/videos"]["post"]["requestBody"]
>["content"]["application/json"];

/** Return the body of the request that makes a draft; what is left at its default is left out. */
export function createBody(draft: Draft): CreateBody {
  return {
    ...sharedBody(draft),
    ...(draft.firstFrame && { input_reference: { file_id: draft.firstFrame.fileId } }),
    ...(draft.characters.length > 0 && { characters: draft.characters.map((id) => ({ id })) }),
  };
}

/** Return the body of a remix, an edit or an extension: the source's size is kept. */
export function derivedBody(draft: Draft, action: Derivation) {
  const { size: _size, seconds, ...rest } = sharedBody(draft);
  return { ...rest, ...(action === "extend" && { seconds }) };
}

function sharedBody(draft: Draft) {
  const number = (text: string) => (text.trim() === "" ? undefined : Number(text));
  return stripped({
    prompt: draft.prompt.trim(),
    model: draft.model,
    size: draft.size,
    seconds: draft.seconds,
    n: draft.outputs > 1 ? draft.outputs : undefined,
    style: draft.style ?? undefined,
    seed: number(draft.seed),
    negative_prompt: draft.negativePrompt.trim() || undefined,
    fps: number(draft.fps),
    num_inference_steps: number(draft.steps),
    guidance_scale: number(draft.guidance),
    generate_audio: draft.sound ? undefined : false,
    watermark: draft.watermark || undefined,
    last_frame: draft.lastFrame ? { file_id: draft.lastFrame.fileId } : undefined,
  });
}

function stripped<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}

export type EstimateBody = NonNullable<
  paths["/v1/videos/estimate"]["post"]["requestBody"]
>["content"]["application/json"];

/** Words change no price: those of an estimate are always the same. */
const ANY_WORDS = "video";

/** Return the body of the estimate of a draft. */
export function estimateBody(draft: Draft, source: Source | null, framed: boolean): EstimateBody {
  if (source === null) {
    const body = createBody({ ...draft, prompt: ANY_WORDS, firstFrame: null });
    return { ...body, ...(framed && { has_first_frame: true }) };
  }
  const { action, video } = source;
  const name = ({ remix: "remix_id", edit: "edit_of", extend: "extension_of" } as const)[action];
  return { ...derivedBody({ ...draft, prompt: ANY_WORDS }, action), [name]: video.id };
}
