import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api } from "../../api/client";
import { jobIdOf } from "../../api/ids";
import { useLive } from "../../api/live";
import { isWorking, videoOf, VIDEOS } from "../video";
import { readVideo, useFollowing, usePause } from "./useFollowing";
import type { VideoFilters } from "./useVideoFilters";
import { startOfDay, type VideoPage } from "./videoLists";

const PAGE = 48;

/** The account's videos that match, newest first, page by page; followed while one is unfinished. */
export function useVideos(filters: VideoFilters) {
  const live = useLive();
  const found = useInfiniteQuery({
    queryKey: [VIDEOS, "list", filters],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }): Promise<VideoPage> => {
      const query = { limit: PAGE, kind: "video" as const, ...wanted(filters) };
      let cursor = pageParam;
      // A page of a search looks through some of the videos only, and may have none.
      for (;;) {
        const { data } = await api.GET("/v1/jobs", { params: { query: { ...query, ...(cursor && { cursor }) } }, signal });
        const next = data!.next_cursor;
        if (data!.data.length > 0 || next === null) return { videos: data!.data.map(videoOf), next };
        cursor = next;
      }
    },
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    // Comparing thousands of videos with each page that is added would hold the page up.
    structuralSharing: false,
    // Events change the lists one video at a time; without them all pages that were read are read again.
    refetchOnWindowFocus: !live,
  });
  const videos = found.data?.pages.flatMap((page) => page.videos) ?? [];
  useFollowing(videos);
  return { ...found, videos };
}

function wanted(filters: VideoFilters) {
  const [after, before] = [startOfDay(filters.from), startOfDay(filters.to, 1)];
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
  const pause = usePause();
  return useQuery({
    queryKey: [VIDEOS, "one", id],
    queryFn: ({ signal }) => readVideo(jobIdOf(id ?? ""), signal),
    enabled: id !== null,
    refetchInterval: (query) => (query.state.data && isWorking(query.state.data) ? pause : false),
  });
}
