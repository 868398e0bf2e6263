import { queries } from "../api/queries";
import { ROOT } from "../app/base";
import { leave } from "./session";

/** End the session here and on the server; nothing of the account stays in the page. */
export async function logOut(): Promise<void> {
  await fetch(`${ROOT}api/auth/app/logout`, { method: "POST" }).catch(() => undefined);
  leave();
  queries.clear();
}
