/**
 * The account's events, read by one tab for all: browsers open six connections to a server, and
 * streams would use them up. Without locks (plain HTTP at another name) tabs go on asking.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { useMe } from "../session/me";
import { applyEvent } from "../studio/gallery/applyEvent";
import { readEvents, type ServerEvent } from "./eventStream";

const AGAIN_MS = 2_000;
/** What tabs tell each other beside the server's events. */
const LOST: ServerEvent = { id: "", name: "lost", data: null };

let connected = false;
const listeners = new Set<() => void>();

function setConnected(now: boolean): void {
  if (connected === now) return;
  connected = now;
  for (const listener of listeners) listener();
}

/** Return whether events arrive, so that nothing needs to be asked again and again. */
export function useLive(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => connected,
  );
}

export function LiveUpdates() {
  const queries = useQueryClient();
  const account = useMe().data?.id;
  useEffect(() => {
    if (!account || !navigator.locks) return;
    const stop = new AbortController();
    const channel = new BroadcastChannel(`hinode.events.${account}`);
    const take = (event: ServerEvent) => {
      setConnected(event.name !== LOST.name);
      applyEvent(queries, event);
    };
    channel.onmessage = (message: MessageEvent<ServerEvent>) => take(message.data);
    const lead = () =>
      follow(stop.signal, (event) => {
        if (stop.signal.aborted) return;
        channel.postMessage(event);
        take(event);
      });
    navigator.locks.request(`hinode.events.${account}`, { signal: stop.signal }, lead).catch(() => undefined);
    return () => {
      stop.abort();
      channel.close();
      setConnected(false);
    };
  }, [account, queries]);
  return null;
}

/** Read the stream as long as this tab leads; after a loss go on where it ended. */
async function follow(signal: AbortSignal, onEvent: (event: ServerEvent) => void): Promise<void> {
  let last: string | null = null;
  while (!signal.aborted) {
    await readEvents("v1/events", last, signal, (event) => {
      last = event.id || last;
      onEvent(event);
    }).catch(() => undefined);
    onEvent(LOST);
    await new Promise((resolve) => window.setTimeout(resolve, AGAIN_MS));
  }
}
