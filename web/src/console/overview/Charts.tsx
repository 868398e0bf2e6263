import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { $api } from "../../api/client";
import type { components } from "../../api/schema";
import { Bars } from "../../ui/Bars";
import { Loaded } from "../../ui/Loaded";
import { useNumbers } from "../../ui/numbers";
import { usePlacePause } from "../place";
import classes from "./overview.module.css";

type Overview = components["schemas"]["Overview"];
const FIGURES = ["created", "failed", "credits", "waiting_seconds"] as const;
type Figure = (typeof FIGURES)[number];

const PERIODS = { hours: { hours: 24 }, days: { days: 30 } } as const;
type Period = keyof typeof PERIODS;
const LIVE_MS = 15_000;

/** The last day or month in charts: jobs, those that failed, credits, how long jobs waited. */
export function Charts() {
  const { t } = useTranslation("console");
  const [search, setSearch] = useSearchParams();
  const period: Period = search.get("period") === "days" ? "days" : "hours";
  const found = $api.useQuery(
    "get",
    "/v1/admin/overview",
    { params: { query: PERIODS[period] } },
    { refetchInterval: usePlacePause(LIVE_MS), placeholderData: (before) => before },
  );
  return (
    <section className={classes.charts}>
      <div className={classes.head}>
        <h2>{t("overview.course")}</h2>
        <SegmentedControl
          aria-label={t("usage.period")}
          value={period}
          onChange={(value) => setSearch({ period: value }, { replace: true })}
          data={(["hours", "days"] as const).map((one) => ({ value: one, label: t(`overview.periods.${one}`) }))}
        />
      </div>
      <Loaded query={found}>
        {(overview) => (
          <div className={classes.figures}>
            {FIGURES.map((figure) => (
              <Chart key={figure} overview={overview} figure={figure} />
            ))}
          </div>
        )}
      </Loaded>
    </section>
  );
}

function Chart({ overview, figure }: { overview: Overview; figure: Figure }) {
  const { t } = useTranslation("console");
  const { count, dayOf, hour, seconds } = useNumbers();
  const timed = figure === "waiting_seconds";
  const shown = (value: number) => (timed ? seconds(value) : count(value));
  const values = overview.data.map((one) => one[figure] ?? 0);
  const whole = timed ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0);
  return (
    <div className={`card ${classes.part}`}>
      <Bars
        label={t(`overview.charts.${figure}`)}
        figure={shown(whole)}
        bars={overview.data.map((one, at) => ({
          name: overview.unit === "hour" ? hour(one.start) : dayOf(one.start),
          value: values[at] ?? 0,
          shown: shown(values[at] ?? 0),
        }))}
        {...(figure === "failed" && { tone: "bad" })}
      />
    </div>
  );
}
