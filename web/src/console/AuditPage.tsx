import { IconHistory } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { $api } from "../api/client";
import type { components } from "../api/schema";
import { DataTable, type Column } from "../ui/DataTable";
import { EmptyBox } from "../ui/EmptyBox";
import { FilterBar } from "../ui/FilterBar";
import { Loaded } from "../ui/Loaded";
import { useNumbers } from "../ui/numbers";
import { PageHead } from "../ui/PageHead";
import { Pager } from "../ui/Pager";
import { TypedFilter } from "../ui/TypedFilter";
import { useFilters } from "../ui/useFilters";

type Act = components["schemas"]["AuditRecord"];

/** What operators did, which nobody can change. */
export function Page() {
  const { t } = useTranslation("console");
  const { cursor, get, set } = useFilters();
  const [text, account] = [get("q"), get("account")];
  const query = { limit: 50, ...(cursor && { cursor }), ...(text && { q: text }), ...(account && { account }) };
  const found = $api.useQuery("get", "/v1/admin/audit", { params: { query } }, { placeholderData: (before) => before });
  return (
    <>
      <PageHead title={t("nav.audit")} note={t("audit.noneWhy")} />
      <FilterBar>
        <TypedFilter label={t("audit.search")} value={text} onChange={(value) => set("q", value)} />
        <TypedFilter label={t("audit.who")} value={account} onChange={(value) => set("account", value)} />
      </FilterBar>
      <Loaded query={found}>
        {(page) => (
          <>
            <Acts rows={page.data} filtered={text !== "" || account !== ""} />
            <Pager next={page.next_cursor} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Acts({ rows, filtered }: { rows: Act[]; filtered: boolean }) {
  const { t } = useTranslation("console");
  const { time } = useNumbers();
  const columns: Column<Act>[] = [
    { name: t("audit.at"), cell: (one) => time(one.at) },
    { name: t("audit.who"), cell: (one) => <Operator act={one} /> },
    { name: t("audit.from"), cell: (one) => one.address ?? "–" },
    { name: t("audit.action"), cell: (one) => <code>{one.action}</code> },
    { name: t("audit.subject"), cell: (one) => one.subject || "–", long: true },
    { name: t("audit.details"), cell: (one) => <Changes of={one.details} />, long: true },
  ];
  if (rows.length === 0) {
    return <EmptyBox icon={IconHistory} title={t(filtered ? "audit.noMatch" : "audit.none")} text={filtered ? "" : t("audit.noneWhy")} />;
  }
  return <DataTable label={t("nav.audit")} columns={columns} rows={rows} keyOf={(one) => one.id} />;
}

function Operator({ act }: { act: Act }) {
  const { t } = useTranslation("console");
  if (act.source === "command") return t("audit.command");
  return act.account === null ? "–" : <Link to={`/console/accounts/${encodeURIComponent(act.account)}`}>{act.account}</Link>;
}

function Changes({ of: details }: { of: Record<string, unknown> }) {
  const parts = Object.entries(details).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return parts.length === 0 ? "–" : <small>{parts.join(", ")}</small>;
}
