import { useTranslation } from "react-i18next";
import type { Video } from "./video";

/** Failures whose words are always the same; of others the server tells what would do. */
const KNOWN = ["moderation_blocked", "deadline_exceeded", "first_frame_unreadable", "source_missing"] as const;

/** Return a function that says in the page's language why a video failed. */
export function useFailureText(): (error: Video["error"]) => string {
  const { t } = useTranslation("studio");
  return (error) => {
    const code = KNOWN.find((one) => one === error?.code);
    return code ? t(`failures.${code}`) : (error?.message ?? "");
  };
}
