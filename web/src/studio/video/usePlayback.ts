import { useCallback, useRef, useState, type KeyboardEvent } from "react";

/** How far two videos that play together may be apart before one is set to the other's time. */
const APART_SECONDS = 0.08;

export interface Playback {
  playing: boolean;
  looping: boolean;
  muted: boolean;
  at: number;
  length: number;
  fps: number;
  toggle: () => void;
  seek: (seconds: number) => void;
  step: (frames: number) => void;
  setLooping: (looping: boolean) => void;
  setMuted: (muted: boolean) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  /** What the element of a video is given: the first leads, the others follow it. */
  bind: (index: number) => React.ComponentProps<"video">;
}

interface Options {
  /** Frames a second and seconds of the longest. */
  fps: number;
  seconds: number;
  onFull?: () => void;
}

/** One set of controls over one video, or over several that play together; the first is the longest. */
export function usePlayback({ fps, seconds, onFull }: Options): Playback {
  const elements = useRef<(HTMLVideoElement | null)[]>([]);
  const [playing, setPlaying] = useState(false);
  const [looping, setLooping] = useState(true);
  const [muted, setMuted] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(seconds);
  const lead = () => elements.current[0] ?? null;
  const each = useCallback((act: (video: HTMLVideoElement) => void) => {
    for (const video of elements.current) if (video) act(video);
  }, []);

  const seek = (to: number) =>
    each((video) => {
      video.currentTime = Math.min(video.duration || length, Math.max(0, to));
    });
  const toggle = () => (lead()?.paused ? each((video) => void video.play()) : each((video) => video.pause()));
  const step = (frames: number) => {
    each((video) => video.pause());
    // To the middle of the frame, where rounding cannot hit its neighbour.
    const frame = Math.floor((lead()?.currentTime ?? 0) * fps + 0.01) + frames;
    seek((frame + 0.5) / fps);
  };
  const follow = () => {
    const [first, ...others] = elements.current;
    if (!first) return;
    setAt(first.currentTime);
    for (const video of others) if (video && !first.paused) keepUp(video, first);
  };

  const bind = (index: number): React.ComponentProps<"video"> => ({
    ref: (video) => {
      elements.current[index] = video;
    },
    loop: looping && index === 0,
    muted: muted || index > 0,
    playsInline: true,
    onClick: toggle,
    ...(index === 0 && {
      onPlay: () => setPlaying(true),
      onPause: () => {
        setPlaying(false);
        each((video) => video.pause());
      },
      onTimeUpdate: follow,
      onLoadedMetadata: (event) => setLength(event.currentTarget.duration),
    }),
  });

  const keys: Record<string, (() => void) | undefined> = {
    " ": toggle,
    k: toggle,
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    l: () => setLooping(!looping),
    m: () => setMuted(!muted),
    f: onFull,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const inSlider = (event.target as HTMLElement).role === "slider";
    const action = keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey || inSlider) return;
    if (event.key === " " && event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    action();
  };
  return { playing, looping, muted, at, length, fps, toggle, seek, step, setLooping, setMuted, onKeyDown, bind };
}

/** Set a video to the time of the one that leads; a shorter one rests at its end. */
function keepUp(video: HTMLVideoElement, first: HTMLVideoElement): void {
  const to = Math.min(first.currentTime, video.duration || 0);
  if (Math.abs(video.currentTime - to) > APART_SECONDS) video.currentTime = to;
  if (video.paused && to < (video.duration || 0)) void video.play();
}
