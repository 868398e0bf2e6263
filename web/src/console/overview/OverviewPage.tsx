import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { $api } from "../../api/client";
import type { components } from "../../api/schema";
import { Loaded } from "../../ui/Loaded";
import { useNumbers } from "../../ui/numbers";
import { PageHead } from "../../ui/PageHead";
import { StatusMark } from "../../ui/StatusMark";
import { usePlacePause } from "../place";
import { Charts } from "./Charts";
import { HealthCard, isWell } from "./HealthCard";
import { LastFailed } from "./LastFailed";
import classes from "./overview.module.css";

type Health = components["schemas"]["Health"];

const LIVE_MS = 5_000;

/** How the place does: the queue, a month in charts, health, what failed last. */
export function Page() {
  const { t } = useTranslation("console");
  const health = $api.useQuery("get", "/v1/admin/health", {}, { refetchInterval: usePlacePause(LIVE_MS) });
  const well = health.data && isWell(health.data);
  return (
    <>
      <PageHead title={t("nav.overview")}>
        {health.data && <StatusMark tone={well ? "ok" : "bad"} text={t(well ? "overview.ready" : "overview.unready")} />}
      </PageHead>
      <Loaded query={health}>{(found) => <Figures health={found} />}</Loaded>
      <Charts />
      <div className={classes.grid}>
        {health.data && <HealthCard health={health.data} />}
        <LastFailed />
      </div>
    </>
  );
}

function Figures({ health }: { health: Health }) {
  const { t } = useTranslation("console");
  const { count, gigabytes } = useNumbers();
  const open = Object.values(health.engines).filter((one) => one === "ready").length;
  const all = Object.keys(health.engines).length;
  return (
    <div className={classes.figures}>
      <Figure to="/console/jobs?status=queued" name={t("overview.queue")} value={count(health.queued)} />
      <Figure to="/console/jobs?status=running" name={t("overview.running")} value={count(health.running)} />
      <Figure to="/console/engines" name={t("overview.engines")} value={`${count(open)} / ${count(all)}`} />
      <Figure to="/console/system" name={t("overview.free")} value={gigabytes(health.free_bytes)} />
    </div>
  );
}

function Figure({ to, name, value }: { to: string; name: string; value: string }) {
  return (
    <Link to={to} className={`card ${classes.figure}`}>
      <strong className="figures">{value}</strong>
      <span>{name}</span>
    </Link>
  );
}
