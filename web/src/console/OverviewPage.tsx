import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { $api } from "../api/client";
import { ROOT } from "../app/base";
import { Facts } from "../ui/Facts";
import { useNumbers } from "../ui/numbers";
import { PageHead } from "../ui/PageHead";
import { StatusMark } from "../ui/StatusMark";
import classes from "./overview.module.css";

interface Health {
  status: "ready" | "unready";
  checks: Record<string, "ok" | "failed">;
  creates: string;
  engines: Record<string, string>;
  clock: string;
}

const LIVE_MS = 5_000;

/** How the place does: health, the queue, what failed last. */
export function Page() {
  const { t } = useTranslation("console");
  const { count } = useNumbers();
  const health = useHealth();
  const engines = $api.useQuery("get", "/v1/admin/engines", {}, { refetchInterval: LIVE_MS });
  const sum = (name: "queued" | "running") => engines.data?.data.reduce((total, one) => total + one[name], 0);
  const shown = (value: number | undefined) => (value === undefined ? "…" : count(value));
  return (
    <>
      <PageHead title={t("nav.overview")}>
        {health && (
          <StatusMark tone={health.status === "ready" ? "ok" : "bad"} text={t(`overview.${health.status}`)} />
        )}
      </PageHead>
      <div className={classes.figures}>
        <Figure to="/console/jobs?status=queued" name={t("overview.queue")} value={shown(sum("queued"))} />
        <Figure to="/console/jobs?status=running" name={t("overview.running")} value={shown(sum("running"))} />
        <Figure to="/console/engines" name={t("overview.engines")} value={shown(engines.data?.data.length)} />
      </div>
      <div className={classes.grid}>
        {health && <Checks health={health} />}
        <LastFailed />
      </div>
    </>
  );
}

function useHealth(): Health | undefined {
  return useQuery({
    queryKey: ["health"],
    queryFn: async () => (await (await fetch(`${ROOT}readyz`)).json()) as Health,
    refetchInterval: LIVE_MS,
  }).data;
}

function Figure({ to, name, value }: { to: string; name: string; value: string }) {
  return (
    <Link to={to} className={`card ${classes.figure}`}>
      <strong className="figures">{value}</strong>
      <span>{name}</span>
    </Link>
  );
}

function Checks({ health }: { health: Health }) {
  const { t } = useTranslation("console");
  const why = /^refused\((.*)\)$/.exec(health.creates)?.[1];
  const checks = Object.entries(health.checks).map(([name, state]): [string, React.ReactNode] => [
    name,
    <StatusMark key={name} tone={state === "ok" ? "ok" : "bad"} text={t(`overview.check.${state}`)} />,
  ]);
  const engines = Object.entries(health.engines).map(([name, state]): [string, React.ReactNode] => [
    name,
    <StatusMark key={name} tone={state === "ok" || state === "ready" ? "ok" : "busy"} text={state} />,
  ]);
  return (
    <section className={`card ${classes.part}`}>
      <h2>{t("overview.checks")}</h2>
      <Facts
        rows={[
          ...checks,
          [
            t("overview.creates"),
            <StatusMark key="creates" tone={why ? "bad" : "ok"} text={why ? t("overview.refused", { why }) : t("overview.created")} />,
          ],
          ...engines,
          [t("overview.clock"), <StatusMark key="clock" tone={health.clock === "ok" ? "ok" : "bad"} text={health.clock} />],
        ]}
      />
    </section>
  );
}

function LastFailed() {
  const { t } = useTranslation("console");
  const { ago } = useNumbers();
  const found = $api.useQuery(
    "get",
    "/v1/admin/jobs",
    { params: { query: { status: "failed", limit: 6 } } },
    { refetchInterval: LIVE_MS },
  );
  const jobs = found.data?.data ?? [];
  return (
    <section className={`card ${classes.part}`}>
      <h2>{t("overview.failed")}</h2>
      {jobs.length === 0 && <p className="quiet">{t("overview.noFailed")}</p>}
      <ul className={classes.list}>
        {jobs.map((job) => (
          <li key={job.id}>
            <Link to={`/console/jobs/${job.id}`}>{job.error?.message ?? job.id}</Link>
            <span className="quiet">
              {job.account} · {job.model} · {ago(job.ended_at ?? job.created_at)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
