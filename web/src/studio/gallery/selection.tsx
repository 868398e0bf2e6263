import { createContext, use, useMemo, useState, type ReactNode } from "react";
import type { Video } from "../video";

interface Selection {
  active: boolean;
  videos: Video[];
  has: (video: Video) => boolean;
  toggle: (video: Video) => void;
  begin: () => void;
  end: () => void;
}

const Context = createContext<Selection | null>(null);

/** Which videos of the gallery are selected, for what is done with several at once. */
export function SelectionProvider({ children }: { children: ReactNode }) {
  const [chosen, setChosen] = useState<Map<string, Video> | null>(null);
  const value = useMemo(
    (): Selection => ({
      active: chosen !== null,
      videos: [...(chosen?.values() ?? [])],
      has: (video) => chosen?.has(video.id) ?? false,
      toggle: (video) => {
        const next = new Map(chosen);
        if (!next.delete(video.id)) next.set(video.id, video);
        setChosen(next);
      },
      begin: () => setChosen(new Map()),
      end: () => setChosen(null),
    }),
    [chosen],
  );
  return <Context value={value}>{children}</Context>;
}

export function useSelection(): Selection {
  const found = use(Context);
  if (!found) throw new Error("a gallery is missing around this");
  return found;
}
