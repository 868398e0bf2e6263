import type { Video } from "../video";

const FIELDS = ["prompt", "model", "size", "seconds", "fps", "seed", "style", "credits"] as const;
type Field = (typeof FIELDS)[number];

interface Difference {
  name: Field;
  left: string;
  right: string;
}

/** Return what differs between two videos. */
export function differences(left: Video, right: Video): Difference[] {
  return FIELDS.map((name) => ({ name, left: shown(left, name), right: shown(right, name) })).filter(
    (row) => row.left !== row.right,
  );
}

function shown(video: Video, name: Field): string {
  const value = name === "style" ? video.parameters.style : video[name];
  return String(value ?? "–").replace(/^(\d+)x(\d+)$/, "$1×$2");
}
