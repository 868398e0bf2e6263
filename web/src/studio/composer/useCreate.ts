import { useMutation, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import { jobIdOf } from "../../api/ids";
import { randomId } from "../../ui/randomId";
import type { components } from "../../api/schema";
import { readVideo } from "../gallery/useFollowing";
import { putVideo, refreshOthers } from "../gallery/videoLists";
import { VIDEOS, type Video } from "../video";
import type { Derivation, Draft } from "./draft";
import { createBody, derivedBody } from "./request";

export interface Source {
  action: Derivation;
  video: Video;
}

/** Create a video; a repetition after a lost answer makes no second one. */
export function useCreate() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ draft, source }: { draft: Draft; source: Source | null }) => create(draft, source, randomId()),
    onSuccess: async ({ id }) => {
      await showCreated(queries, jobIdOf(id));
    },
  });
}

/** Show a video that was just created, and what it leaves of the credits. */
export async function showCreated(queries: QueryClient, jobId: string): Promise<void> {
  try {
    putVideo(queries, await readVideo(jobId));
  } catch {
    await queries.invalidateQueries({ queryKey: [VIDEOS] });
  }
  await refreshOthers(queries);
}

async function create(draft: Draft, source: Source | null, key: string): Promise<Created> {
  const header = { "Idempotency-Key": key };
  if (source === null) {
    return taken(await api.POST("/v1/videos", { params: { header }, body: createBody(draft) }));
  }
  const { action, video } = source;
  const body = derivedBody(draft, action);
  if (action === "remix") {
    const path = { video_id: video.id };
    return taken(await api.POST("/v1/videos/{video_id}/remix", { params: { header, path }, body }));
  }
  const from = { ...body, video: { id: video.id } };
  if (action === "edit") return taken(await api.POST("/v1/videos/edits", { params: { header }, body: from }));
  const longer = { ...from, seconds: draft.seconds };
  return taken(await api.POST("/v1/videos/extensions", { params: { header }, body: longer }));
}

type Created = components["schemas"]["Video"];

function taken(answer: { data?: Created }): Created {
  if (!answer.data) throw new TypeError("no answer");
  return answer.data;
}
