import { videoIdOfJob } from "../api/ids";
import type { components } from "../api/schema";

export type Job = components["schemas"]["StudioJob"];
export type Take = components["schemas"]["StudioOutput"];

/** The beginning of the keys of queries for videos. */
export const VIDEOS = "videos";

/** A video of the account, as the studio shows it. */
export interface Video {
  id: string;
  jobId: string;
  action: string;
  status: Job["status"];
  progress: number;
  queuePosition: number | null;
  remainingSeconds: number | null;
  favorite: boolean;
  /** Its title, else its prompt. */
  title: string;
  prompt: string;
  model: string;
  engine: string;
  size: string;
  seconds: number;
  fps: number;
  frames: number;
  seed: number;
  outputs: number;
  takes: Take[];
  watermark: boolean;
  parameters: Job["parameters"];
  shots: Job["shots"];
  characters: string[];
  inputs: Job["inputs"];
  credits: number;
  error: Job["error"];
  sourceId: string | null;
  createdAt: number;
  endedAt: number | null;
  expiresAt: number | null;
}

/** Return a job of the library as a video. */
export function videoOf(job: Job): Video {
  return {
    id: videoIdOfJob(job.id),
    jobId: job.id,
    action: job.action,
    status: job.status,
    progress: job.progress,
    queuePosition: job.queue_position,
    remainingSeconds: job.remaining_seconds,
    favorite: job.favorite,
    title: job.title ?? job.prompt,
    prompt: job.prompt,
    model: job.model,
    engine: job.engine,
    size: `${job.width}x${job.height}`,
    seconds: job.seconds,
    fps: job.fps,
    frames: job.frames,
    seed: job.seed,
    outputs: job.n,
    takes: job.outputs,
    watermark: job.watermark,
    parameters: job.parameters,
    shots: job.shots,
    characters: job.characters,
    inputs: job.inputs,
    credits: job.credits,
    error: job.error,
    sourceId: job.parent_id && videoIdOfJob(job.parent_id),
    createdAt: job.created_at,
    endedAt: job.ended_at,
    expiresAt: job.expires_at,
  };
}

export function isWorking(video: Video): boolean {
  return video.status === "queued" || video.status === "running";
}

/** Return the page where another video is made with the settings of this one. */
export function reusePath(video: Video): string {
  return `${video.shots.length > 0 ? "/studio/storyboard" : "/studio"}?reuse=${video.id}`;
}
