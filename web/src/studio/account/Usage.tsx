import { useTranslation } from "react-i18next";
import { $api } from "../../api/client";
import type { components } from "../../api/schema";
import { useMe } from "../../session/me";
import { Bars } from "../../ui/Bars";
import { byDay } from "../../ui/days";
import { DataTable, type Column } from "../../ui/DataTable";
import { Loaded } from "../../ui/Loaded";
import { useNumbers } from "../../ui/numbers";
import classes from "./account.module.css";

type Row = components["schemas"]["UsageOfDay"];

/** Credits left, and what they went into. */
export function Usage() {
  const { t } = useTranslation("studio");
  const { count, day } = useNumbers();
  const me = useMe();
  const found = $api.useQuery("get", "/v1/usage", {});
  const columns: Column<Row>[] = [
    { name: t("own.day"), cell: (row) => day(row.day) },
    { name: t("composer.model"), cell: (row) => row.model },
    { name: t("own.key"), cell: (row) => row.key?.name ?? t("own.noKey") },
    { name: t("own.jobs"), cell: (row) => count(row.tasks), end: true },
    { name: t("own.failed"), cell: (row) => count(row.failed), end: true },
    { name: t("own.credits"), cell: (row) => count(row.credits), end: true },
  ];
  return (
    <>
      {me.data && (
        <div className={classes.figures}>
          <Figure name={t("own.left")} value={me.data.credits.balance === null ? t("own.unlimited") : count(me.data.credits.balance)} />
          <Figure name={t("own.held")} value={count(me.data.credits.held)} />
          <Figure name={t("own.spent")} value={count(me.data.credits.spent)} />
        </div>
      )}
      <Loaded query={found}>
        {(page) => (
          <>
            <section className={`card ${classes.part}`}>
              <Bars
                label={t("own.perDay")}
                bars={byDay(page.from, page.to, page.data, (row) => row.credits).map(([iso, credits]) => ({ name: day(iso), value: credits, shown: count(credits) }))}
              />
            </section>
            <DataTable
              label={t("own.tabs.usage")}
              columns={columns}
              rows={[...page.data].reverse()}
              keyOf={(row) => `${row.day} ${row.model} ${row.key?.id ?? ""}`}
            />
          </>
        )}
      </Loaded>
    </>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className={`card ${classes.figure}`}>
      <strong className="figures">{value}</strong>
      <span>{name}</span>
    </div>
  );
}
