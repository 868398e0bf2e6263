import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { $api } from "../../api/client";
import type { components } from "../../api/schema";
import { Bars } from "../../ui/Bars";
import { byDay, daysAgo } from "../../ui/days";
import { Loaded } from "../../ui/Loaded";
import { useNumbers } from "../../ui/numbers";
import classes from "./overview.module.css";

type Report = components["schemas"]["UsageReport"];
type Figure = "jobs" | "failed" | "credits";

const DAYS = 30;
const LIVE_MS = 60_000;

/** The last month in three charts: jobs, those that failed, credits. */
export function Charts() {
  const { t } = useTranslation("console");
  const params = { query: { from: daysAgo(DAYS), group: "day" } };
  const found = $api.useQuery("get", "/v1/admin/usage", { params }, { refetchInterval: LIVE_MS });
  return (
    <section className={classes.month}>
      <div className={classes.head}>
        <h2>{t("overview.month", { count: DAYS })}</h2>
        <Link to="/console/usage">{t("nav.usage")}</Link>
      </div>
      <Loaded query={found}>
        {(report) => (
          <div className={classes.charts}>
            <Chart report={report} figure="jobs" />
            <Chart report={report} figure="failed" />
            <Chart report={report} figure="credits" />
          </div>
        )}
      </Loaded>
    </section>
  );
}

function Chart({ report, figure }: { report: Report; figure: Figure }) {
  const { t } = useTranslation("console");
  const { count, day } = useNumbers();
  const days = byDay(report.first, report.last, report.data, (row) => row[figure]);
  const sum = days.reduce((total, [, value]) => total + value, 0);
  return (
    <div className={`card ${classes.part}`}>
      <Bars
        label={t(`overview.charts.${figure}`)}
        figure={count(sum)}
        bars={days.map(([iso, value]) => ({ name: day(iso), value, shown: count(value) }))}
        {...(figure === "failed" && { tone: "bad" })}
      />
    </div>
  );
}
