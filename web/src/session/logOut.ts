import { queries } from "../api/queries";
import { ownLink, ROOT } from "../app/base";
import { logInOptions } from "./renewal";
import { beginLeaving, leave } from "./session";

/**
 * End the session here and on the server; nothing of the account stays in the page.
 *
 * Where the provider is the only way in, its session ends too: else its button would log in again
 * whoever sits here next.
 */
export async function logOut(): Promise<void> {
  beginLeaving();
  await fetch(`${ROOT}api/auth/app/logout`, { method: "POST" }).catch(() => undefined);
  leave();
  queries.clear();
  const options = await logInOptions().catch(() => null);
  if (options?.single_sign_on && !options.password) {
    window.location.assign(ownLink(options.single_sign_on.logout));
  }
}
