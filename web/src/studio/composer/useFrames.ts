import { useEffect, useRef } from "react";
import { useTellError } from "../gallery/useActions";
import type { Draft, Frames } from "./draft";
import { pictureFrom, uploadPicture } from "./upload";

/** Put another video's pictures into the draft: they are uploaded again, as their files may expire. */
export function useFrames(frames: Frames | undefined, set: (change: Partial<Draft>) => void): void {
  const tell = useTellError();
  const act = useRef({ tell, set });
  act.current = { tell, set };
  const { firstFrame, lastFrame } = frames ?? {};
  useEffect(() => {
    const given = { firstFrame, lastFrame };
    let left = false;
    for (const name of ["firstFrame", "lastFrame"] as const) {
      const url = given[name];
      if (!url) continue;
      pictureFrom(url)
        .then(uploadPicture)
        .then((picture) => left || act.current.set({ [name]: picture }))
        .catch((error: unknown) => act.current.tell(error));
    }
    return () => {
      left = true;
    };
    // The signature in an address is new with each answer; the pictures are taken over once.
  }, [Boolean(firstFrame), Boolean(lastFrame)]);
}
