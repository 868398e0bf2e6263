import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { SharedStream } from "../api/sharedStream";
import { useMe } from "../session/me";

const stream = new SharedStream("v1/admin/events");
/** Changes come in crowds; what they touch is read again once in this time. */
const CROWD_MS = 1_000;
/** With events, asking is only for what they may have missed. */
const LIVE_POLL_MS = 30_000;

/** Which lists an event of the place touches, by the first part of its name. */
const TOUCHED: Record<string, string[]> = {
  job: ["/v1/admin/jobs", "/v1/admin/jobs/{job_id}", "/v1/admin/jobs/{job_id}/log", "/v1/admin/health"],
  engine: ["/v1/admin/engines", "/v1/admin/engine_accounts", "/v1/admin/health"],
  worker: ["/v1/admin/workers", "/v1/admin/health"],
  delivery: ["/v1/admin/deliveries"],
};
TOUCHED.reset = Object.values(TOUCHED).flat();

/** Return how often a page asks that would ask each `pause` milliseconds if nothing told it of changes. */
export function usePlacePause(pause: number): number {
  return stream.useConnected() ? LIVE_POLL_MS : pause;
}

/** Keeps the console up to date with what happens on the server, for all accounts. */
export function PlaceUpdates() {
  const queries = useQueryClient();
  const account = useMe().data?.id;
  useEffect(() => {
    if (!account) return;
    const refresher = refresh(queries);
    const end = stream.follow(account, (event) => refresher.touch(TOUCHED[event.name.split(".")[0] ?? ""] ?? []));
    return () => {
      end();
      refresher.end();
    };
  }, [account, queries]);
  return null;
}

/** Return what reads touched lists again, those of a crowd of events together. */
function refresh(queries: QueryClient) {
  const waiting = new Set<string>();
  let timer: number | undefined;
  const run = () => {
    timer = undefined;
    for (const path of waiting) void queries.invalidateQueries({ queryKey: ["get", path] });
    waiting.clear();
  };
  return {
    touch: (paths: string[]) => {
      for (const path of paths) waiting.add(path);
      if (waiting.size > 0) timer ??= window.setTimeout(run, CROWD_MS);
    },
    end: () => window.clearTimeout(timer),
  };
}
