import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

export const VIDEO_STATES = ["all", "working", "completed", "failed"] as const;
export type VideoState = (typeof VIDEO_STATES)[number];

export interface VideoFilters {
  text: string;
  state: VideoState;
  favorites: boolean;
  /** The first and the last day, as `2026-01-31`; empty without one. */
  from: string;
  to: string;
}

/** The gallery's filters, which stand in the address. */
export function useVideoFilters() {
  const [search, setSearch] = useSearchParams();
  const filters: VideoFilters = useMemo(
    () => ({
      text: search.get("q") ?? "",
      state: VIDEO_STATES.find((one) => one === search.get("show")) ?? "all",
      favorites: search.has("favorites"),
      from: search.get("from") ?? "",
      to: search.get("to") ?? "",
    }),
    [search],
  );
  const set = useCallback(
    (change: Partial<VideoFilters>) => {
      const next = { ...filters, ...change };
      const params = new URLSearchParams();
      if (next.text) params.set("q", next.text);
      if (next.state !== "all") params.set("show", next.state);
      if (next.favorites) params.set("favorites", "1");
      if (next.from) params.set("from", next.from);
      if (next.to) params.set("to", next.to);
      setSearch(params, { replace: true, preventScrollReset: true });
    },
    [filters, setSearch],
  );
  return { filters, set };
}
