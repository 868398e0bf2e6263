import { $api } from "../../api/client";
import type { components } from "../../api/schema";

export type Character = Pick<
  components["schemas"]["CharacterProfile"],
  "character_id" | "username" | "display_name" | "profile_picture_url" | "visibility"
>;

const MOST = 100;

/** The account's characters, newest first. */
export function useCharacters() {
  return $api.useQuery("get", "/backend/project_y/profile/{user}/characters", {
    params: { path: { user: "me" }, query: { limit: MOST } },
  });
}
