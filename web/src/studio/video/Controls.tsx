import { ActionIcon, Slider, Tooltip } from "@mantine/core";
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
import { useTranslation } from "react-i18next";
import { clock } from "../../ui/numbers";
import type { Playback } from "./usePlayback";
import classes from "./video.module.css";

/** Play, single frames, position, loop, sound and the full screen. */
export function Controls({ playback, onFull }: { playback: Playback; onFull?: () => void }) {
  const { t } = useTranslation("studio");
  const { playing, looping, muted, at, length, fps } = playback;
  return (
    <div className={classes.controls}>
      <Tool label={playing ? t("player.pause") : t("player.play")} onClick={playback.toggle}>
        {playing ? <IconPlayerPauseFilled size={18} /> : <IconPlayerPlayFilled size={18} />}
      </Tool>
      <Tool label={t("player.previous")} onClick={() => playback.step(-1)}>
        <IconPlayerTrackPrevFilled size={16} />
      </Tool>
      <Tool label={t("player.next")} onClick={() => playback.step(1)}>
        <IconPlayerTrackNextFilled size={16} />
      </Tool>
      <span className={`figures ${classes.clock}`}>
        {clock(at)} / {clock(length)}
      </span>
      <Slider
        className={classes.slider}
        value={at}
        max={length}
        step={1 / fps}
        label={(value) => t("player.frame", { number: Math.floor(value * fps + 0.01) })}
        onChange={playback.seek}
        size="sm"
        thumbLabel={t("player.position")}
      />
      <Tool label={t("player.loop")} pressed={looping} onClick={() => playback.setLooping(!looping)}>
        <IconRepeat size={18} />
      </Tool>
      <Tool label={t("player.mute")} pressed={muted} onClick={() => playback.setMuted(!muted)}>
        {muted ? <IconVolumeOff size={18} /> : <IconVolume size={18} />}
      </Tool>
      {onFull && (
        <Tool label={t("player.full")} onClick={onFull}>
          <IconMaximize size={18} />
        </Tool>
      )}
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
