import { Switch } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { $api, api } from "../api/client";
import type { components } from "../api/schema";
import { useTellError } from "../studio/gallery/useActions";
import { DataTable, type Column } from "../ui/DataTable";
import { useNumbers } from "../ui/numbers";
import { StatusMark, type Tone } from "../ui/StatusMark";

type EngineAccount = components["schemas"]["AdminEngineAccount"];

const TONES: Record<EngineAccount["state"], Tone> = {
  ready: "ok",
  cooldown: "busy",
  quarantined: "bad",
  disabled: "quiet",
};

/** The accounts at upstream servers; nothing where no engine has any. */
export function EngineAccounts() {
  const { t } = useTranslation("console");
  const { count, time } = useNumbers();
  const found = $api.useQuery("get", "/v1/admin/engine_accounts", { params: { query: { limit: 100 } } });
  const rows = found.data?.data ?? [];
  if (rows.length === 0) return null;
  const columns: Column<EngineAccount>[] = [
    { name: t("pool.account"), cell: (one) => one.email ?? one.label ?? one.id.slice(0, 8) },
    { name: t("pool.engine"), cell: (one) => one.engine },
    { name: t("pool.state"), cell: (one) => <StatusMark tone={TONES[one.state]} text={t(`pool.states.${one.state}`)} /> },
    { name: t("pool.reason"), cell: (one) => one.reason ?? "–" },
    { name: t("pool.left"), cell: (one) => (one.videos_left === null ? "–" : count(one.videos_left)), end: true },
    { name: t("pool.running"), cell: (one) => count(one.videos_running + one.images_running), end: true },
    { name: t("pool.used"), cell: (one) => (one.last_used_at === null ? "–" : time(one.last_used_at)) },
    { name: t("pool.enabled"), cell: (one) => <Enabled account={one} />, end: true },
  ];
  return (
    <section>
      <h2>{t("pool.title")}</h2>
      <DataTable label={t("pool.title")} columns={columns} rows={rows} keyOf={(one) => one.id} />
    </section>
  );
}

function Enabled({ account }: { account: EngineAccount }) {
  const { t } = useTranslation("console");
  const queries = useQueryClient();
  const tell = useTellError();
  const update = useMutation({
    mutationFn: (enabled: boolean) =>
      api.PATCH("/v1/admin/engine_accounts/{account_id}", { params: { path: { account_id: account.id } }, body: { enabled } }),
    onSuccess: () => queries.invalidateQueries(),
    onError: tell,
  });
  return (
    <Switch
      aria-label={t("pool.enabled")}
      checked={account.state !== "disabled"}
      onChange={(event) => update.mutate(event.currentTarget.checked)}
    />
  );
}
