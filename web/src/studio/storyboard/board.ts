import type { VideoModel } from "../composer/draft";
import type { Video } from "../video";

export interface Shot {
  id: number;
  seconds: number;
  scene: string;
}

export type Orientation = "landscape" | "portrait";

export const SHORTEST = 1;

/** Return the shots with one of them moved down by some places, or up. */
export function moved(shots: Shot[], at: number, by: number): Shot[] {
  const order = [...shots];
  const [shot] = order.splice(at, 1);
  if (shot) order.splice(at + by, 0, shot);
  return order;
}

/** Return the size that a storyboard is rendered in: the model's first one of the orientation. */
export function sizeOf(model: VideoModel, orientation: Orientation): string {
  const landscape = (size: string) => {
    const [width = 0, height = 0] = size.split("x").map(Number);
    return width >= height;
  };
  return model.sizes.find((size) => landscape(size) === (orientation === "landscape")) ?? model.default_size;
}

export function total(shots: Shot[]): number {
  return shots.reduce((sum, shot) => sum + shot.seconds, 0);
}

/** Return what a storyboard's video is made of, to be changed; without words on the whole, its scenes stand there. */
export function boardOf(video: Video): { shots: Shot[]; about: string; orientation: Orientation } {
  const scenes = video.shots.map((shot) => shot.prompt).join("\n");
  const [width = 0, height = 0] = video.size.split("x").map(Number);
  return {
    shots: video.shots.map((shot, at) => ({ id: at + 1, seconds: Math.round(shot.seconds), scene: shot.prompt })),
    about: video.prompt === scenes ? "" : video.prompt,
    orientation: width >= height ? "landscape" : "portrait",
  };
}

/** What the lengths of a create are counted in, a second. */
const FRAMES = 30;

/** Return the body of the request that makes a storyboard's video. */
export function bodyOf(model: string, orientation: Orientation, shots: Shot[], about: string) {
  return { prompt: timelineText(shots, about), model, orientation, n_frames: total(shots) * FRAMES };
}

/** Return the text that the API reads as a storyboard. */
function timelineText(shots: Shot[], about: string): string {
  const blocks = shots.map(
    (shot, at) => `Shot ${at + 1}:\nduration: ${shot.seconds.toFixed(1)}sec\nScene: ${shot.scene.trim()}`,
  );
  return about.trim() ? `current timeline:\n${blocks.join("\n\n")}\n\ninstructions:\n${about.trim()}` : blocks.join("\n\n");
}

/** Return the lengths that a model's videos may have, in whole seconds, the shortest first. */
export function lengthsOf(model: VideoModel): number[] {
  return model.durations.map(Number).sort((one, other) => one - other);
}
