import type { components } from "../../api/schema";

export type Key = components["schemas"]["AdminKey"];

export const SCOPES = ["videos", "images", "chat", "tasks", "sora", "admin", "test"] as const satisfies readonly Key["scopes"][number][];

export const PRIORITIES = ["low", "normal", "high"] as const satisfies readonly Key["max_priority"][];

/** The limits that only operators see and set. */
export type OperatorLimits = Pick<Key, "max_priority" | "local_only">;

export const UNLIMITED_BY_OPERATORS: OperatorLimits = { max_priority: "normal", local_only: false };
