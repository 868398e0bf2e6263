import { $api } from "../api/client";
import { useSession } from "./session";

/** The account that is logged in: its name, rights, plan, credits and limits. */
export function useMe() {
  const session = useSession();
  const enabled = session.kind === "key" || session.kind === "account";
  return $api.useQuery("get", "/v1/me", {}, { enabled, staleTime: 15_000 });
}
