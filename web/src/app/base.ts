/** Where the app lies: found by its own address, as a proxy may keep a prefix to itself. */
const ASSETS = /\/app\/assets\/[^/]*$/;

function root(): string {
  return import.meta.env.DEV ? "/" : new URL(import.meta.url).pathname.replace(ASSETS, "/");
}

/** The server's path, which ends in a slash. */
export const ROOT = root();

/** The path below which the app's own addresses lie. */
export const APP = `${ROOT}app`;

/** The address of the API for programs elsewhere. */
export const API_URL = `${window.location.origin}${ROOT}v1`;

/** That of the Sora dialect. */
export const BACKEND_URL = `${window.location.origin}${ROOT}backend`;

/** Return an address that the server gave, with the prefix that a proxy kept to itself: the server does not know it. */
export function ownLink(address: string): string {
  const { origin, pathname } = new URL(address, window.location.origin);
  if (origin !== window.location.origin || pathname.startsWith(ROOT)) return address;
  return `${origin}${ROOT}${address.replace(origin, "").replace(/^\//, "")}`;
}
