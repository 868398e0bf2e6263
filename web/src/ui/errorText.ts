import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { ApiError } from "../api/errors";

const EXPLAINED = [
  "unreachable",
  "login_refused",
  "insufficient_credits",
  "insufficient_quota",
  "rate_limit_exceeded",
  "no_worker",
  "overloaded",
] as const;

type Explained = (typeof EXPLAINED)[number];

/** Return a function that writes an error in the page's language, with the server's own words. */
export function useErrorText(): (error: ApiError) => string {
  const { t } = useTranslation();
  return useCallback(
    (error) => {
      const code = EXPLAINED.find((one): one is Explained => one === error.code);
      const ours = code ? t(`errors.${code}`) : "";
      // The server's message names the field and what would do; ours only leads to it.
      return [ours, error.message].filter(Boolean).join(" ") || t("errors.unknown");
    },
    [t],
  );
}
