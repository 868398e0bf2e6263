import type { VideoModel } from "../composer/draft";

export interface Shot {
  id: number;
  seconds: number;
  scene: string;
}

export const SHORTEST = 1;

export function total(shots: Shot[]): number {
  return shots.reduce((sum, shot) => sum + shot.seconds, 0);
}

/** Return the text that the API reads as a storyboard. */
export function timelineText(shots: Shot[], about: string): string {
  const blocks = shots.map(
    (shot, at) => `Shot ${at + 1}:\nduration: ${shot.seconds.toFixed(1)}sec\nScene: ${shot.scene.trim()}`,
  );
  return about.trim() ? `current timeline:\n${blocks.join("\n\n")}\n\ninstructions:\n${about.trim()}` : blocks.join("\n\n");
}

/** Return the lengths that a model's videos may have, in whole seconds, the shortest first. */
export function lengthsOf(model: VideoModel): number[] {
  return model.durations.map(Number).sort((one, other) => one - other);
}
