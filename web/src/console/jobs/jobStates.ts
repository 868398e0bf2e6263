import type { components } from "../../api/schema";
import type { Tone } from "../../ui/StatusMark";

export type AdminJob = components["schemas"]["AdminJob"];
export type JobState = AdminJob["status"];

export const STATES: JobState[] = ["queued", "running", "completed", "failed", "canceled"];

export const TONES: Record<JobState, Tone> = {
  queued: "quiet",
  running: "busy",
  completed: "ok",
  failed: "bad",
  canceled: "quiet",
};

export const isUnfinished = (state: JobState): boolean => state === "queued" || state === "running";
