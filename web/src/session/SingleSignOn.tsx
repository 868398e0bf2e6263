import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { ownLink } from "../app/base";
import type { components } from "../api/schema";

type SingleSignOnOption = components["schemas"]["SingleSignOnOption"];

const FAILURES = ["denied", "expired", "refused", "failed"] as const;

/** Leads to the operator's provider, which sends the browser back to `next`, logged in. */
export function SingleSignOnButton({ option, next }: { option: SingleSignOnOption; next: string }) {
  return (
    <Button component="a" href={`${ownLink(option.start)}?next=${encodeURIComponent(next)}`} size="md" fullWidth>
      {option.button}
    </Button>
  );
}

/** The words for a log-in at the provider that came back without success; null without one. */
export function useSignOnFailure(): string | null {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const error = search.get("error");
  if (!error?.startsWith("sign_on_")) return null;
  const known = FAILURES.find((name) => error === `sign_on_${name}`);
  return t(`login.signOn.${known ?? "failed"}`);
}
