/**
 * Who is logged in. The secret lives in this module's memory only: never in storage, URL or log.
 *
 * An account's session is renewed by its cookie, which the page cannot read; a pasted key is gone
 * with the page.
 */
import { useSyncExternalStore } from "react";
import { renewed } from "./renewal";

export type Session =
  | { kind: "starting" }
  | { kind: "none"; ended: boolean }
  | { kind: "key"; secret: string }
  | { kind: "account"; secret: string; until: number };

const EARLY_MS = 60_000;

let current: Session = { kind: "starting" };
let renewal: Promise<void> | null = null;
const listeners = new Set<() => void>();

function set(session: Session): void {
  current = session;
  for (const listener of listeners) listener();
}

export function useSession(): Session {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

/** Begin with the session that the browser's cookie stands for, if there is one. */
export async function start(): Promise<void> {
  await renew();
}

export function enterWithKey(secret: string): void {
  set({ kind: "key", secret });
}

export function enter(secret: string, lifetimeSeconds: number): void {
  set({ kind: "account", secret, until: Date.now() + lifetimeSeconds * 1000 });
}

/** Stop what the session keeps open: while it is ended, a request would be refused and told as a loss. */
export function beginLeaving(): void {
  set({ kind: "starting" });
}

export function leave(): void {
  set({ kind: "none", ended: false });
}

/** Return the token for a request; an account's is renewed shortly before its end. */
export async function accessToken(): Promise<string | null> {
  if (current.kind === "account" && current.until - EARLY_MS < Date.now()) await renew();
  return current.kind === "key" || current.kind === "account" ? current.secret : null;
}

/** The server refused the token: the session was ended elsewhere, or the key was revoked. */
export function onRefused(): void {
  if (current.kind === "account" || current.kind === "key") set({ kind: "none", ended: true });
}

async function renew(): Promise<void> {
  renewal ??= renewed()
    .then((found) => (found ? enter(found.token, found.seconds) : set({ kind: "none", ended: false })))
    .catch(() => {
      // Without an answer nobody is logged out; the next request tries again.
      if (current.kind === "starting") set({ kind: "none", ended: false });
    })
    .finally(() => {
      renewal = null;
    });
  await renewal;
}
