import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api } from "../../api/client";
import { jobIdOf } from "../../api/ids";
import { useLive } from "../../api/live";
import { isWorking, videoOf, VIDEOS } from "../video";
import type { VideoFilters } from "./useVideoFilters";


const PAGE = 48;
const POLL_MS = 1_500;
/** With events, asking is only for what they may have missed. */
const LIVE_POLL_MS = 30_000;

/** The account's videos that match, newest first, page by page; followed while one is unfinished. */
export function useVideos(filters: VideoFilters) {
  const pause = useLive() ? LIVE_POLL_MS : POLL_MS;
  const found = useInfiniteQuery({
    queryKey: [VIDEOS, "list", filters],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: PAGE, kind: "video" as const, ...wanted(filters), ...(pageParam && { cursor: pageParam }) };
      const { data } = await api.GET("/v1/jobs", { params: { query }, signal });
      return { videos: data!.data.map(videoOf), next: data!.next_cursor };
    },
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    // Comparing thousands of videos with each page that is added would hold the page up.
    structuralSharing: false,
    refetchInterval: (query) => (query.state.data?.pages.some((page) => page.videos.some(isWorking)) ? pause : false),
  });
  const videos = found.data?.pages.flatMap((page) => page.videos) ?? [];
  return { ...found, videos };
}

/** Return the first second of a day here, or of one after it; null for no day. */
function startOf(day: string, later = 0): number | null {
  const moment = new Date(`${day}T00:00`);
  moment.setDate(moment.getDate() + later);
  return Number.isNaN(moment.getTime()) ? null : moment.getTime() / 1000;
}

function wanted(filters: VideoFilters) {
  const [after, before] = [startOf(filters.from), startOf(filters.to, 1)];
  return {
    ...(filters.text && { q: filters.text }),
    ...(filters.favorites && { favorite: true }),
    ...(after !== null && { created_after: after }),
    ...(before !== null && { created_before: before }),
    ...(filters.state === "working" && { status: "queued,running" }),
    ...(filters.state === "completed" && { status: "completed" }),
    ...(filters.state === "failed" && { status: "failed,canceled" }),
  };
}

/** One video of the account, followed until its end. */
export function useVideo(id: string | null) {
  const pause = useLive() ? LIVE_POLL_MS : POLL_MS;
  return useQuery({
    queryKey: [VIDEOS, "one", id],
    queryFn: async ({ signal }) => {
      const path = { job_id: jobIdOf(id ?? "") };
      return videoOf((await api.GET("/v1/jobs/{job_id}", { params: { path }, signal })).data!);
    },
    enabled: id !== null,
    refetchInterval: (query) => (query.state.data && isWorking(query.state.data) ? pause : false),
  });
}
