import type { Video } from "../video";
import { mediaUrl } from "./media";

/** The still picture of a finished video; nothing before. */
export function Thumbnail({ video, className }: { video: Video; className?: string | undefined }) {
  const url = mediaUrl(video, "thumbnail_url");
  return url ? <img src={url} alt="" className={className} draggable={false} loading="lazy" /> : null;
}
