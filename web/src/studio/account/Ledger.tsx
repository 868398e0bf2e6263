import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { $api } from "../../api/client";
import { videoIdOfJob } from "../../api/ids";
import type { components } from "../../api/schema";
import { DataTable, type Column } from "../../ui/DataTable";
import { Loaded } from "../../ui/Loaded";
import { useNumbers } from "../../ui/numbers";
import { CURSOR, Pager } from "../../ui/Pager";

type Entry = components["schemas"]["OwnLedgerEntry"];

/** Every change of the account's credits, newest first. */
export function Ledger() {
  const { t } = useTranslation("studio");
  const { count, signed, time } = useNumbers();
  const [search] = useSearchParams();
  const cursor = search.get(CURSOR);
  const found = $api.useQuery("get", "/v1/me/ledger", {
    params: { query: { limit: 50, ...(cursor && { cursor }) } },
  });
  const columns: Column<Entry>[] = [
    { name: t("details.created"), cell: (one) => time(one.created_at) },
    { name: t("ledger.kind"), cell: (one) => t(`ledger.kinds.${one.kind}`) },
    { name: t("ledger.job"), cell: (one) => (one.job_id ? <Link to={`/studio/videos/${videoIdOfJob(one.job_id)}`}>{t("ledger.show")}</Link> : "–") },
    { name: t("ledger.charged"), cell: (one) => (one.charged === null ? "–" : count(one.charged)), end: true },
    { name: t("own.credits"), cell: (one) => signed(one.credits), end: true },
  ];
  return (
    <Loaded query={found}>
      {(page) => (
        <>
          <DataTable label={t("own.tabs.ledger")} columns={columns} rows={page.data} keyOf={(one) => one.id} />
          <Pager next={page.next_cursor} />
        </>
      )}
    </Loaded>
  );
}
