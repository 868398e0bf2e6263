import { ownLink } from "../../app/base";
import type { Video } from "../video";

type Name = "url" | "thumbnail_url" | "spritesheet_url";

interface Kept {
  url: string;
  since: number;
}

// Each answer signs its links anew; a picture whose address changed would be loaded again.
const KEPT_MS = 12 * 3_600_000;
const kept = new Map<string, Kept>();

/** Return the address of a finished video's file, the same for half a day. */
export function mediaUrl(video: Video, name: Name, take = 0): string | undefined {
  const link = video.takes[take]?.[name];
  if (!link) return undefined;
  const key = `${video.id} ${take} ${name}`;
  const known = kept.get(key);
  if (known && Date.now() - known.since < KEPT_MS) return known.url;
  const url = ownLink(link);
  kept.set(key, { url, since: Date.now() });
  return url;
}
