import { IconHistory } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { $api } from "../api/client";
import type { components } from "../api/schema";
import { DataTable, type Column } from "../ui/DataTable";
import { EmptyBox } from "../ui/EmptyBox";
import { Loaded } from "../ui/Loaded";
import { useNumbers } from "../ui/numbers";
import { PageHead } from "../ui/PageHead";
import { CURSOR, Pager } from "../ui/Pager";

type Act = components["schemas"]["AuditRecord"];

/** What operators did, which nobody can change. */
export function Page() {
  const { t } = useTranslation("console");
  const [search] = useSearchParams();
  const cursor = search.get(CURSOR);
  const found = $api.useQuery("get", "/v1/admin/audit", {
    params: { query: { limit: 50, ...(cursor && { cursor }) } },
  });
  return (
    <>
      <PageHead title={t("nav.audit")} />
      <Loaded query={found}>
        {(page) => (
          <>
            <Acts rows={page.data} />
            <Pager next={page.next_cursor} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Acts({ rows }: { rows: Act[] }) {
  const { t } = useTranslation("console");
  const { time } = useNumbers();
  const columns: Column<Act>[] = [
    { name: t("audit.at"), cell: (one) => time(one.at) },
    {
      name: t("audit.who"),
      cell: (one) =>
        one.account === null ? "–" : <Link to={`/console/accounts/${encodeURIComponent(one.account)}`}>{one.account}</Link>,
    },
    { name: t("audit.from"), cell: (one) => one.address ?? "–" },
    { name: t("audit.action"), cell: (one) => <code>{one.action}</code> },
    { name: t("audit.subject"), cell: (one) => one.subject },
    { name: t("audit.details"), cell: (one) => <Changes of={one.details} /> },
  ];
  if (rows.length === 0) return <EmptyBox icon={IconHistory} title={t("audit.none")} text={t("audit.noneWhy")} />;
  return <DataTable label={t("nav.audit")} columns={columns} rows={rows} keyOf={(one) => one.id} />;
}

function Changes({ of: details }: { of: Record<string, unknown> }) {
  const parts = Object.entries(details).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return parts.length === 0 ? "–" : <small>{parts.join(", ")}</small>;
}
