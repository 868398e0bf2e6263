import type { Video } from "../composer/draft";
import { usePicture } from "./media";

/** The still picture of a finished video; nothing before. */
export function Thumbnail({ video, className }: { video: Video; className?: string | undefined }) {
  const url = usePicture(video.id, "thumbnail", video.status === "completed");
  return url ? <img src={url} alt="" className={className} draggable={false} /> : null;
}
