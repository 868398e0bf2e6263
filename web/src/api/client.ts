import createClient, { type Middleware } from "openapi-fetch";
import createQueries from "openapi-react-query";
import { ROOT } from "../app/base";
import { accessToken, onRefused } from "../session/session";
import { toldBy, unreachable } from "./errors";
import type { paths } from "./schema";

const told: Middleware = {
  async onRequest({ request }) {
    const token = await accessToken();
    if (token) request.headers.set("authorization", `Bearer ${token}`);
    return request;
  },
  async onResponse({ response }) {
    if (response.status === 401) onRefused();
    if (!response.ok) throw await toldBy(response);
    return undefined;
  },
  onError() {
    return unreachable();
  },
};

/** Calls of the public API, typed by its own document; a failed one throws an `ApiError`. */
export const api = createClient<paths>({ baseUrl: `${window.location.origin}${ROOT}`.replace(/\/$/, "") });
api.use(told);

/** The same calls as queries and mutations of TanStack Query. */
export const $api = createQueries(api);

/** Fetch what is no JSON, with the caller's token. */
export async function fetchRaw(path: string, init: RequestInit = {}): Promise<Response> {
  const token = await accessToken();
  const headers = new Headers(init.headers);
  if (token) headers.set("authorization", `Bearer ${token}`);
  const response = await fetch(`${ROOT}${path}`, { ...init, headers }).catch(() => {
    throw unreachable();
  });
  if (response.status === 401) onRefused();
  if (!response.ok) throw await toldBy(response);
  return response;
}
