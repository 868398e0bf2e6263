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

/** Return a link of the server with the prefix that a proxy kept to itself, which the server does not know. */
export function ownLink(url: string): string {
  const { origin } = window.location;
  if (!url.startsWith(`${origin}/`) || url.startsWith(`${origin}${ROOT}`)) return url;
  return `${origin}${ROOT}${url.slice(origin.length + 1)}`;
}
