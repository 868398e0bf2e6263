import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import { useLive } from "../../api/live";
import { isWorking, videoOf, VIDEOS, type Video } from "../video";
import { putVideo } from "./videoLists";

const POLL_MS = 1_500;
/** With events, asking is only for what they may have missed. */
const LIVE_POLL_MS = 30_000;
const MOST = 100;

/** Return how often what is unfinished is asked for. */
export function usePause(): number {
  return useLive() ? LIVE_POLL_MS : POLL_MS;
}

/** Follow the unfinished of some videos until their end. */
export function useFollowing(videos: Video[]): void {
  const queries = useQueryClient();
  const pause = usePause();
  const working = videos.filter(isWorking);
  useQuery({
    queryKey: [VIDEOS, "working"],
    queryFn: async ({ signal }) => {
      for (const video of await unfinished(working, signal)) putVideo(queries, video);
      return null;
    },
    enabled: working.length > 0,
    refetchInterval: pause,
  });
}

/** Return the account's unfinished videos, and those that were and are no more. */
async function unfinished(known: Video[], signal: AbortSignal): Promise<Video[]> {
  const query = { limit: MOST, kind: "video" as const, status: "queued,running" };
  const { data } = await api.GET("/v1/jobs", { params: { query }, signal });
  const now = data!.data.map(videoOf);
  const ids = new Set(now.map((one) => one.id));
  // Of more than one page, those that are not on the first may still be unfinished.
  const gone = known.filter((one) => !ids.has(one.id)).slice(0, MOST);
  const ended = await Promise.allSettled(gone.map((one) => readVideo(one.jobId, signal)));
  return [...now, ...ended.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))];
}

/** Return a video of the account as it is now. */
export async function readVideo(jobId: string, signal?: AbortSignal): Promise<Video> {
  const params = { path: { job_id: jobId } };
  return videoOf((await api.GET("/v1/jobs/{job_id}", { params, ...(signal && { signal }) })).data!);
}
