import type { components } from "../api/schema";

type OwnKey = components["schemas"]["OwnApiKey"];

/** The limits that are numbers, in the order in which they are shown. */
export const FIGURES = ["spend_hour", "spend_day", "spend_total", "per_minute", "max_unfinished"] as const;
export type Figure = (typeof FIGURES)[number];

/** What a key may do, as its owner sees it. */
export type Limits = Pick<OwnKey, Figure | "models" | "networks" | "expires_at">;

export const UNLIMITED: Limits = {
  spend_hour: null,
  spend_day: null,
  spend_total: null,
  per_minute: null,
  max_unfinished: null,
  models: [],
  networks: [],
  expires_at: null,
};

/** Return the limits of a key alone, to be changed. */
export function limitsOf(key: Limits): Limits {
  const { spend_hour, spend_day, spend_total, per_minute, max_unfinished, models, networks, expires_at } = key;
  return { spend_hour, spend_day, spend_total, per_minute, max_unfinished, models, networks, expires_at };
}

const pad = (value: number) => String(value).padStart(2, "0");

/** Return the day, where the reader is, as a date field writes it. */
export function dayText(unix: number | null): string {
  if (unix === null) return "";
  const at = new Date(unix * 1000);
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

/** Return the last second of a day where the reader is. */
export function endOfDay(day: string): number | null {
  if (day === "") return null;
  return Math.floor(new Date(`${day}T23:59:59`).getTime() / 1000);
}
