/**
 * A stream of events, read by one tab for all: browsers open six connections to a server, and
 * streams would use them up. Without locks (plain HTTP at another name) tabs go on asking.
 */
import { useSyncExternalStore } from "react";
import { readEvents, type ServerEvent } from "./eventStream";

const AGAIN_MS = 2_000;
/** What tabs tell each other beside the server's events. */
const LOST: ServerEvent = { id: "", name: "lost", data: null };

export class SharedStream {
  private connected = false;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly path: string) {}

  /** Return whether events arrive, so that nothing needs to be asked again and again. */
  useConnected(): boolean {
    return useSyncExternalStore(this.subscribe, () => this.connected);
  }

  /** Take the events for an account, of this tab's own stream or of another tab's; return how it ends. */
  follow(account: string, onEvent: (event: ServerEvent) => void): () => void {
    if (!navigator.locks) return () => undefined;
    const stop = new AbortController();
    const name = `hinode.${this.path}.${account}`;
    const channel = new BroadcastChannel(name);
    const take = (event: ServerEvent) => {
      this.set(event.name !== LOST.name);
      onEvent(event);
    };
    channel.onmessage = (message: MessageEvent<ServerEvent>) => take(message.data);
    const lead = () =>
      this.read(stop.signal, (event) => {
        if (stop.signal.aborted) return;
        channel.postMessage(event);
        take(event);
      });
    navigator.locks.request(name, { signal: stop.signal }, lead).catch(() => undefined);
    return () => {
      stop.abort();
      channel.close();
      this.set(false);
    };
  }

  private readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private set(now: boolean): void {
    if (this.connected === now) return;
    this.connected = now;
    for (const listener of this.listeners) listener();
  }

  /** Read the stream as long as this tab leads; after a loss go on where it ended. */
  private async read(signal: AbortSignal, onEvent: (event: ServerEvent) => void): Promise<void> {
    let last: string | null = null;
    while (!signal.aborted) {
      await readEvents(this.path, last, signal, (event) => {
        last = event.id || last;
        onEvent(event);
      }).catch(() => undefined);
      onEvent(LOST);
      await new Promise((resolve) => window.setTimeout(resolve, AGAIN_MS));
    }
  }
}
