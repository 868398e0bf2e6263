import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Video } from "../video";
import { Controls } from "./Controls";
import { Screen } from "./Screen";
import { usePlayback } from "./usePlayback";
import classes from "./video.module.css";

/** A player with single frames and a loop; its keys are space, the arrows, L, M and F. */
export function Player({ video, take }: { video: Video; take: number }) {
  const { t } = useTranslation("studio");
  const frame = useRef<HTMLDivElement>(null);
  const full = () => void frame.current?.querySelector("video")?.requestFullscreen();
  const playback = usePlayback({ fps: video.fps, seconds: video.seconds, onFull: full });
  return (
    <div
      ref={frame}
      className={`card ${classes.player}`}
      onKeyDown={playback.onKeyDown}
      role="group"
      aria-label={t("player.label")}
      tabIndex={-1}
    >
      <Screen video={video} take={take} playback={playback} />
      <Controls playback={playback} onFull={full} />
    </div>
  );
}
