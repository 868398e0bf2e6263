import type { QueryClient } from "@tanstack/react-query";
import { videoIdOfJob } from "../../api/ids";
import type { ServerEvent } from "../../api/eventStream";
import { isWorking, videoOf, VIDEOS, type Job } from "../video";
import { dropVideos, putVideo } from "./videoLists";

const JOB_EVENTS = ["job.created", "job.updated", "job.ended"];

/** Bring what the pages know up to date by an event of the account. */
export function applyEvent(queries: QueryClient, event: ServerEvent): void {
  if (JOB_EVENTS.includes(event.name)) take(queries, event.data as Job);
  else if (event.name === "job.deleted") dropVideos(queries, [videoIdOfJob((event.data as { id: string }).id)]);
  else if (event.name === "credits") void queries.invalidateQueries({ queryKey: ["get", "/v1/me"] });
  else if (event.name === "reset") void queries.invalidateQueries({ queryKey: [VIDEOS] });
}

function take(queries: QueryClient, job: Job): void {
  if (job.kind !== "video") return;
  const video = videoOf(job);
  putVideo(queries, video);
  // Whoever waits behind it moves up.
  if (!isWorking(video)) void queries.invalidateQueries({ queryKey: ["estimate"] });
}
