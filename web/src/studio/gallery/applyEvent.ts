import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { ServerEvent } from "../../api/eventStream";
import { isWorking, videoOf, VIDEOS, type Job, type Video } from "../video";

type Pages = InfiniteData<{ videos: Video[]; next: string | null }>;

/** Bring what the pages know up to date by an event of the account. */
export function applyEvent(queries: QueryClient, event: ServerEvent): void {
  if (event.name === "job.updated") update(queries, videoOf(event.data as Job));
  else if (event.name === "credits") void queries.invalidateQueries({ queryKey: ["get", "/v1/me"] });
  else if (event.name.startsWith("job.") || event.name === "reset") {
    void queries.invalidateQueries({ queryKey: [VIDEOS] });
  }
}

function update(queries: QueryClient, video: Video): void {
  const known = queries.getQueriesData<Pages>({ queryKey: [VIDEOS, "list"] });
  queries.setQueryData<Video>([VIDEOS, "one", video.id], (before) => before && video);
  // Whoever waits behind it moves up.
  if (!isWorking(video)) void queries.invalidateQueries({ queryKey: ["estimate"] });
  for (const [key, data] of known) {
    if (!data) continue;
    const pages = data.pages.map((page) => ({
      ...page,
      videos: page.videos.map((one) => (one.id === video.id ? video : one)),
    }));
    queries.setQueryData<Pages>(key, { ...data, pages });
  }
}
