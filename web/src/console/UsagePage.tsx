import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { $api } from "../api/client";
import type { components } from "../api/schema";
import { Bars } from "../ui/Bars";
import { DataTable, type Column } from "../ui/DataTable";
import { byDay, daysAgo } from "../ui/days";
import { Loaded } from "../ui/Loaded";
import { useNumbers } from "../ui/numbers";
import { PageHead } from "../ui/PageHead";
import classes from "./jobs/jobs.module.css";
import styles from "./usage.module.css";

type Row = components["schemas"]["UsageGroupSum"];

const GROUPS = ["account", "model", "engine", "key"] as const;
type Group = (typeof GROUPS)[number];
const PERIODS = [7, 30, 90, 365];
const USUAL_DAYS = 30;

/** What all accounts used: credits by day, and their share by account, model, engine or key. */
export function Page() {
  const { t } = useTranslation("console");
  const [search, setSearch] = useSearchParams();
  const group = GROUPS.find((one) => one === search.get("by")) ?? "account";
  const days = PERIODS.find((one) => String(one) === search.get("days")) ?? USUAL_DAYS;
  const set = (name: string, value: string) => {
    const changed = new URLSearchParams(search);
    changed.set(name, value);
    setSearch(changed, { replace: true });
  };
  return (
    <>
      <PageHead title={t("nav.usage")}>
        <SegmentedControl
          aria-label={t("usage.period")}
          value={String(days)}
          onChange={(value) => set("days", value)}
          data={PERIODS.map((one) => ({ value: String(one), label: t("usage.days", { count: one }) }))}
        />
      </PageHead>
      <ByDay from={daysAgo(days)} />
      <div className={styles.head}>
        <h2>{t("usage.shares")}</h2>
        <SegmentedControl
          aria-label={t("usage.shares")}
          value={group}
          onChange={(value) => set("by", value)}
          data={GROUPS.map((one) => ({ value: one, label: t(`usage.by.${one}`) }))}
        />
      </div>
      <ByGroup from={daysAgo(days)} group={group} />
    </>
  );
}

function ByDay({ from }: { from: string }) {
  const { t } = useTranslation("console");
  const { count, day } = useNumbers();
  const found = $api.useQuery("get", "/v1/admin/usage", { params: { query: { from, group: "day" } } });
  return (
    <Loaded query={found}>
      {(report) => (
        <section className={`card ${classes.part}`}>
          <Bars
            label={t("usage.perDay")}
            figure={t("usage.sum", { jobs: count(report.jobs), credits: count(report.credits) })}
            bars={byDay(report.first, report.last, report.data, (row) => row.credits).map(([iso, credits]) => ({
              name: day(iso),
              value: credits,
              shown: count(credits),
            }))}
          />
        </section>
      )}
    </Loaded>
  );
}

function ByGroup({ from, group }: { from: string; group: Group }) {
  const { t } = useTranslation("console");
  const { count } = useNumbers();
  const found = $api.useQuery("get", "/v1/admin/usage", { params: { query: { from, group } } });
  const columns = (all: number): Column<Row>[] => [
    { name: t(`usage.by.${group}`), cell: (row) => <Name row={row} group={group} />, long: true },
    { name: t("usage.share"), cell: (row) => <Share part={row.credits} all={all} /> },
    { name: t("jobs.credits"), cell: (row) => count(row.credits), end: true },
    { name: t("nav.jobs"), cell: (row) => count(row.jobs), end: true },
    { name: t("states.failed"), cell: (row) => count(row.failed), end: true },
  ];
  return (
    <Loaded query={found}>
      {(report) => (
        <DataTable
          label={t("usage.shares")}
          columns={columns(report.credits)}
          rows={[...report.data].sort((one, other) => other.credits - one.credits)}
          keyOf={(row) => row.key_id ?? row[group === "key" ? "key_name" : group] ?? ""}
        />
      )}
    </Loaded>
  );
}

function Name({ row, group }: { row: Row; group: Group }) {
  const { t } = useTranslation("console");
  if (group === "key") return row.key_name ?? t("usage.noKey");
  const name = row[group] ?? "–";
  return group === "account" ? <Link to={`/console/accounts/${encodeURIComponent(name)}`}>{name}</Link> : name;
}

/** A part of the whole as a line; its figure stands beside. */
function Share({ part, all }: { part: number; all: number }) {
  const percent = all > 0 ? (part / all) * 100 : 0;
  return (
    <span className={styles.share}>
      <span className={styles.line} aria-hidden>
        <span style={{ width: `${percent}%` }} />
      </span>
      {Math.round(percent)}%
    </span>
  );
}
