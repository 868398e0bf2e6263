import { useEffect, useRef, useState, type ReactNode } from "react";
import type { Video } from "../video";
import { mediaUrl } from "./media";
import classes from "./gallery.module.css";

const TILE = 320;

/** The seconds of a video under the pointer: one tile of its sprite sheet, cut to the card. */
export function Scrubber({ video, children }: { video: Video; children: ReactNode }) {
  const [at, setAt] = useState<number | null>(null);
  const [sheet, setSheet] = useState<HTMLImageElement | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const url = at === null ? undefined : mediaUrl(video, "spritesheet_url");

  useEffect(() => {
    if (!url) return;
    const image = new Image();
    image.onload = () => setSheet(image);
    image.src = url;
  }, [url]);

  useEffect(() => {
    if (at !== null && sheet && canvas.current) draw(canvas.current, sheet, video, at);
  }, [at, sheet, video]);

  return (
    <div
      className={classes.scrubber}
      onPointerMove={(event) => {
        if (event.pointerType !== "mouse") return;
        const box = event.currentTarget.getBoundingClientRect();
        setAt(Math.min(0.999, Math.max(0, (event.clientX - box.left) / box.width)));
      }}
      onPointerLeave={() => setAt(null)}
    >
      <canvas ref={canvas} hidden={at === null || !sheet} aria-hidden />
      {at !== null && <div className={classes.mark} style={{ insetInlineStart: `${at * 100}%` }} aria-hidden />}
      {children}
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, sheet: HTMLImageElement, video: Video, at: number): void {
  const [width = 16, height = 9] = video.size.split("x").map(Number);
  const tall = Math.round((TILE * height) / width / 2) * 2;
  const tile = Math.floor(at * Math.max(1, Math.ceil(video.seconds)));
  const columns = Math.max(1, Math.floor(sheet.naturalWidth / TILE));
  const box = canvas.getBoundingClientRect();
  canvas.width = box.width;
  canvas.height = box.height;
  // The part of the tile that covers the card, from its middle.
  const scale = Math.max(box.width / TILE, box.height / tall);
  const [partX, partY] = [box.width / scale, box.height / scale];
  const x = (tile % columns) * TILE + (TILE - partX) / 2;
  const y = Math.floor(tile / columns) * tall + (tall - partY) / 2;
  canvas.getContext("2d")?.drawImage(sheet, x, y, partX, partY, 0, 0, box.width, box.height);
}
