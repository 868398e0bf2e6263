import { ActionIcon, Loader, Slider, Tooltip } from "@mantine/core";
import {
  IconMaximize,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerTrackNextFilled,
  IconPlayerTrackPrevFilled,
  IconRepeat,
  IconVolume,
  IconVolumeOff,
} from "@tabler/icons-react";
import { useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { clock } from "../../ui/numbers";
import type { Video } from "../video";
import { mediaUrl } from "../gallery/media";
import classes from "./video.module.css";

/** A player with single frames and a loop; its keys are space, the arrows, L, M and F. */
export function Player({ video, take }: { video: Video; take: number }) {
  const { t } = useTranslation("studio");
  const element = useRef<HTMLVideoElement>(null);
  const [playing, setPlaying] = useState(false);
  const [looping, setLooping] = useState(true);
  const [muted, setMuted] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(video.seconds);
  const url = mediaUrl(video, "url", take);
  const poster = mediaUrl(video, "thumbnail_url", take);
  const [width, height] = video.size.split("x");
  const toggle = () => void (element.current?.paused ? element.current.play() : element.current?.pause());
  const seek = (seconds: number) => {
    if (element.current) element.current.currentTime = Math.min(length, Math.max(0, seconds));
  };
  const step = (frames: number) => {
    element.current?.pause();
    // To the middle of the frame, where rounding cannot hit its neighbour.
    const frame = Math.floor((element.current?.currentTime ?? 0) * video.fps + 0.01) + frames;
    seek((frame + 0.5) / video.fps);
  };
  const keys: Record<string, () => void> = {
    " ": toggle,
    k: toggle,
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    l: () => setLooping(!looping),
    m: () => setMuted(!muted),
    f: () => void element.current?.requestFullscreen(),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const inSlider = (event.target as HTMLElement).role === "slider";
    const action = keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey || inSlider) return;
    if (event.key === " " && event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    action();
  };
  return (
    <div className={`card ${classes.player}`} onKeyDown={onKeyDown} role="group" aria-label={t("player.label")} tabIndex={-1}>
      <div className={classes.screen} style={{ aspectRatio: `${width} / ${height}` }}>
        {url ? (
          <video
            ref={element}
            src={url}
            poster={poster}
            loop={looping}
            muted={muted}
            playsInline
            onClick={toggle}
            onPlay={() => setPlaying(true)}
            onPause={() => setPlaying(false)}
            onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
            onLoadedMetadata={(event) => setLength(event.currentTarget.duration)}
            aria-label={video.title || t("untitled")}
          />
        ) : (
          <Loader color="gray" className={classes.waiting} aria-label={t("loading")} />
        )}
      </div>
      <div className={classes.controls}>
        <Tool label={playing ? t("player.pause") : t("player.play")} onClick={toggle}>
          {playing ? <IconPlayerPauseFilled size={18} /> : <IconPlayerPlayFilled size={18} />}
        </Tool>
        <Tool label={t("player.previous")} onClick={() => step(-1)}>
          <IconPlayerTrackPrevFilled size={16} />
        </Tool>
        <Tool label={t("player.next")} onClick={() => step(1)}>
          <IconPlayerTrackNextFilled size={16} />
        </Tool>
        <span className={`figures ${classes.clock}`}>
          {clock(at)} / {clock(length)}
        </span>
        <Slider
          className={classes.slider}
          value={at}
          max={length}
          step={1 / video.fps}
          label={(value) => t("player.frame", { number: Math.floor(value * video.fps + 0.01) })}
          onChange={seek}
          size="sm"
          thumbLabel={t("player.position")}
        />
        <Tool label={t("player.loop")} pressed={looping} onClick={() => setLooping(!looping)}>
          <IconRepeat size={18} />
        </Tool>
        <Tool label={t("player.mute")} pressed={muted} onClick={() => setMuted(!muted)}>
          {muted ? <IconVolumeOff size={18} /> : <IconVolume size={18} />}
        </Tool>
        <Tool label={t("player.full")} onClick={() => void element.current?.requestFullscreen()}>
          <IconMaximize size={18} />
        </Tool>
      </div>
    </div>
  );
}

interface ToolProps {
  label: string;
  pressed?: boolean;
  onClick: () => void;
  children: React.ReactNode;
}

function Tool({ label, pressed, onClick, children }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon size="lg" aria-label={label} aria-pressed={pressed} variant={pressed ? "light" : "subtle"} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
