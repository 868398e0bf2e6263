import { ROOT } from "../app/base";
import type { components } from "../api/schema";
import { toldBy, unreachable } from "../api/errors";

export interface Access {
  token: string;
  seconds: number;
}

const REFUSED = 401;

/** Send to the log-in, which answers the app's own pages only, and return the access it gives. */
export async function accessBy(step: string, body: Record<string, string> = {}): Promise<Access> {
  const response = await fetch(`${ROOT}api/auth/app/${step}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => {
    throw unreachable();
  });
  if (!response.ok) throw await toldBy(response);
  const told = (await response.json()) as { access_token: string; expires_at: number };
  return { token: told.access_token, seconds: told.expires_at - serverTime(response) };
}

/** What the log-in page offers, and whether the browser brought a cookie to go on with. */
export type LogInOptions = components["schemas"]["LogInOptions"];

export async function logInOptions(): Promise<LogInOptions> {
  const response = await fetch(`${ROOT}api/auth/app`).catch(() => {
    throw unreachable();
  });
  if (!response.ok) throw await toldBy(response);
  return (await response.json()) as LogInOptions;
}

/** Return a new access token for the browser's cookie; null without a session. */
export async function renewed(): Promise<Access | null> {
  if (!(await logInOptions()).session) return null;
  return accessBy("token").catch((error: { status?: number }) => {
    if (error.status === REFUSED) return null;
    throw error;
  });
}

/** The server's clock: the browser's may show another time. */
function serverTime(response: Response): number {
  const date = Date.parse(response.headers.get("date") ?? "");
  return (Number.isNaN(date) ? Date.now() : date) / 1000;
}
