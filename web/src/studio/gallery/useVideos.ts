import { useInfiniteQuery } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { Video } from "../composer/draft";

export const VIDEOS = "videos";
const PAGE = 50;
const POLL_MS = 1_500;

/** The account's videos, newest first, page by page; followed while one is unfinished. */
export function useVideos() {
  const found = useInfiniteQuery({
    queryKey: [VIDEOS, "list"],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: PAGE, order: "desc" as const, ...(pageParam && { after: pageParam }) };
      const { data } = await api.GET("/v1/videos", { params: { query }, signal });
      return data!;
    },
    getNextPageParam: (page) => (page.has_more ? (page.last_id ?? undefined) : undefined),
    refetchInterval: (query) => (query.state.data?.pages.some((page) => page.data.some(isWorking)) ? POLL_MS : false),
  });
  const videos = found.data?.pages.flatMap((page) => page.data) ?? [];
  return { ...found, videos };
}

export function isWorking(video: Video): boolean {
  return video.status === "queued" || video.status === "in_progress";
}
