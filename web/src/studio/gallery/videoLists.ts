import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { isWorking, VIDEOS, type Video } from "../video";
import type { VideoFilters } from "./useVideoFilters";

export interface VideoPage {
  videos: Video[];
  next: string | null;
}

type Known = InfiniteData<VideoPage>;

/** Put a new or changed video where it belongs in every list that is known, without reading one anew. */
export function putVideo(queries: QueryClient, video: Video): void {
  queries.setQueryData<Video>([VIDEOS, "one", video.id], (before) => before && video);
  change(queries, (pages, filters) => (matches(video, filters) ? placed(pages, video) : without(pages, new Set([video.id]))));
}

/** Take videos out of every list that is known. */
export function dropVideos(queries: QueryClient, ids: string[]): void {
  change(queries, (pages) => without(pages, new Set(ids)));
}

/** Read anew what depends on the videos, but not the videos. */
export function refreshOthers(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== VIDEOS });
}

function change(queries: QueryClient, changed: (pages: VideoPage[], filters: VideoFilters) => VideoPage[]): void {
  for (const [key, data] of queries.getQueriesData<Known>({ queryKey: [VIDEOS, "list"] })) {
    if (!data) continue;
    const pages = changed(data.pages, key[2] as VideoFilters);
    if (pages !== data.pages) queries.setQueryData<Known>(key, { ...data, pages });
  }
}

function placed(pages: VideoPage[], video: Video): VideoPage[] {
  const known = pages.findIndex((page) => page.videos.some((one) => one.id === video.id));
  if (known >= 0) return replaced(pages, known, (videos) => videos.map((one) => (one.id === video.id ? video : one)));
  // Ids grow with time; the newest video is the first.
  const older = pages.findIndex((page) => page.videos.some((one) => one.id < video.id));
  if (older >= 0) {
    return replaced(pages, older, (videos) => {
      const at = videos.findIndex((one) => one.id < video.id);
      return [...videos.slice(0, at), video, ...videos.slice(at)];
    });
  }
  const end = pages.length - 1;
  // It would stand on a page that was not read yet.
  if (pages[end]?.next !== null) return pages;
  return replaced(pages, end, (videos) => [...videos, video]);
}

function without(pages: VideoPage[], ids: Set<string>): VideoPage[] {
  if (!pages.some((page) => page.videos.some((one) => ids.has(one.id)))) return pages;
  return pages.map((page) => ({ ...page, videos: page.videos.filter((one) => !ids.has(one.id)) }));
}

function replaced(pages: VideoPage[], at: number, changed: (videos: Video[]) => Video[]): VideoPage[] {
  return pages.map((page, index) => (index === at ? { ...page, videos: changed(page.videos) } : page));
}

/** Return whether the server would list the video under these filters. */
function matches(video: Video, filters: VideoFilters): boolean {
  const text = filters.text.toLowerCase();
  const [after, before] = [startOfDay(filters.from), startOfDay(filters.to, 1)];
  return (
    (text === "" || `${video.title}\n${video.prompt}`.toLowerCase().includes(text)) &&
    (!filters.favorites || video.favorite) &&
    (after === null || video.createdAt >= after) &&
    (before === null || video.createdAt < before) &&
    (filters.state === "all" || filters.state === stateOf(video))
  );
}

function stateOf(video: Video): VideoFilters["state"] {
  if (isWorking(video)) return "working";
  return video.status === "completed" ? "completed" : "failed";
}

/** Return the first second of a day here, or of one after it; null for no day. */
export function startOfDay(day: string, later = 0): number | null {
  const moment = new Date(`${day}T00:00`);
  moment.setDate(moment.getDate() + later);
  return Number.isNaN(moment.getTime()) ? null : moment.getTime() / 1000;
}
