import { Button, Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { asApiError } from "../api/errors";
import { ErrorBox } from "./ErrorBox";
import { useErrorText } from "./errorText";

interface Query<Data> {
  data: Data | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** Show what a query brought; while it has not, its shape, and if it failed, why. */
export function Loaded<Data>({ query, children }: { query: Query<Data>; children: (data: Data) => ReactNode }) {
  const { t } = useTranslation();
  const describe = useErrorText();
  if (query.data !== undefined) return children(query.data);
  if (query.isPending) {
    return (
      <div role="status" aria-label={t("loading")}>
        <Skeleton height={260} radius="lg" />
      </div>
    );
  }
  return (
    <ErrorBox title={t("notLoaded")} text={describe(asApiError(query.error))}>
      <Button variant="light" onClick={() => void query.refetch()}>
        {t("again")}
      </Button>
    </ErrorBox>
  );
}
