import { useQuery } from "@tanstack/react-query";
import { api, fetchRaw } from "../../api/client";
import type { Video } from "../composer/draft";

const HOUR_MS = 3_600_000;

/** Return an address that a player can stream from: the first take's signed link, another's file. */
export function useVideoUrl(video: Video, take: number): string | undefined {
  return useQuery({
    queryKey: ["address", video.id, take],
    queryFn: () => (take === 0 ? signed(video.id) : whole(video.id, take)),
    staleTime: HOUR_MS,
    refetchOnWindowFocus: false,
  }).data;
}

async function signed(id: string): Promise<string> {
  const path = { video_id: id };
  const { data } = await api.GET("/v1/video/generations/{video_id}", { params: { path } });
  return data?.url ?? whole(id, 0);
}

async function whole(id: string, take: number): Promise<string> {
  return URL.createObjectURL(await (await fetchRaw(`v1/videos/${id}/content?index=${take}`)).blob());
}
