import { Button } from "@mantine/core";
import { IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { $api, api } from "../../api/client";
import type { components } from "../../api/schema";
import { useTellError } from "../../studio/gallery/useActions";
import { Facts } from "../../ui/Facts";
import { Loaded } from "../../ui/Loaded";
import { notify } from "../../ui/notices";
import { useNumbers } from "../../ui/numbers";
import { PageHead } from "../../ui/PageHead";
import { randomId } from "../../ui/randomId";
import { StatusMark } from "../../ui/StatusMark";
import { usePlacePause } from "../place";
import { JobLog } from "./JobLog";
import { isUnfinished, TONES } from "./jobStates";
import { Tries } from "./Tries";
import classes from "./jobs.module.css";

type Detail = components["schemas"]["AdminJobDetail"];

const LIVE_MS = 2_000;

/** One job: what was asked, how it went, what it cost; it is canceled or rendered again here. */
export function Page() {
  const { id = "" } = useParams();
  const pause = usePlacePause(LIVE_MS);
  const found = $api.useQuery(
    "get",
    "/v1/admin/jobs/{job_id}",
    { params: { path: { job_id: id } } },
    { refetchInterval: (query) => (query.state.data && isUnfinished((query.state.data as Detail).status) ? pause : false) },
  );
  return <Loaded query={found}>{(job) => <JobView job={job} />}</Loaded>;
}

function JobView({ job }: { job: Detail }) {
  const { t } = useTranslation("console");
  return (
    <>
      <PageHead title={t("jobs.title", { id: job.id.slice(0, 8) })} note={job.id}>
        <Actions job={job} />
      </PageHead>
      {job.error && (
        <div className={`card ${classes.error}`}>
          <StatusMark tone={TONES[job.status]} text={t(`states.${job.status}`)} /> <code>{job.error.code}</code>
          <p>{job.error.message}</p>
        </div>
      )}
      <div className={classes.grid}>
        <div className={classes.column}>
          <section className={`card ${classes.part}`}>
            <h2>{t("jobs.request")}</h2>
            <p className={classes.prompt}>{job.prompt}</p>
          </section>
          <Part title={t("jobs.plan")} rows={usePlan(job)} />
        </div>
        <div className={classes.column}>
          <Part title={t("jobs.course")} rows={useCourse(job)} />
          <Part title={t("jobs.money")} rows={useMoney(job)} />
        </div>
      </div>
      <h2>{t("jobs.tries")}</h2>
      <Tries tries={job.tries} />
      <JobLog id={job.id} unfinished={isUnfinished(job.status)} />
    </>
  );
}

function Part({ title, rows }: { title: string; rows: [string, React.ReactNode][] }) {
  return (
    <section className={`card ${classes.part}`}>
      <h2>{title}</h2>
      <Facts rows={rows} />
    </section>
  );
}

function useCourse(job: Detail): [string, React.ReactNode][] {
  const { t } = useTranslation("console");
  const { time } = useNumbers();
  const moment = (unix: number | null) => (unix === null ? "–" : time(unix));
  return [
    [t("jobs.status"), <StatusMark key="status" tone={TONES[job.status]} text={t(`states.${job.status}`)} />],
    ...(isUnfinished(job.status) ? [[t("jobs.progress"), `${job.progress}%`] as [string, string]] : []),
    ...(job.queue_position === null ? [] : [[t("jobs.position"), String(job.queue_position)] as [string, string]]),
    [t("jobs.created"), moment(job.created_at)],
    [t("jobs.started"), moment(job.started_at)],
    [t("jobs.ended"), moment(job.ended_at)],
    [t("jobs.deadline"), moment(job.deadline_at)],
    [t("jobs.requeues"), String(job.requeues)],
    [t("jobs.failedSubmits"), String(job.failed_submits)],
    // The first is to collect what was submitted.
    [t("jobs.resumes"), String(Math.max(job.resumes - 1, 0))],
  ];
}

function usePlan(job: Detail): [string, React.ReactNode][] {
  const { t } = useTranslation("console");
  return [
    [t("jobs.engine"), job.engine],
    [t("jobs.model"), job.model],
    [t("jobs.action"), job.action],
    [t("jobs.size"), `${job.width}×${job.height}`],
    [t("jobs.frames"), `${job.frames} · ${job.fps} fps`],
    [t("jobs.outputs"), String(job.outputs)],
    [t("jobs.seed"), String(job.seed)],
    [t("jobs.priority"), t(`priorities.${job.priority}`)],
    ...(job.retry_of ? [[t("jobs.retryOf"), <JobLink key="retry" id={job.retry_of} />] as [string, React.ReactNode]] : []),
    ...(job.parent_id ? [[t("jobs.parent"), <JobLink key="parent" id={job.parent_id} />] as [string, React.ReactNode]] : []),
  ];
}

function useMoney(job: Detail): [string, React.ReactNode][] {
  const { t } = useTranslation("console");
  const { count } = useNumbers();
  return [
    [t("jobs.account"), <Link key="account" to={`/console/accounts/${encodeURIComponent(job.account)}`}>{job.account}</Link>],
    [t("jobs.price"), count(job.price)],
    [t("jobs.held"), count(job.held)],
    [t("jobs.charged"), count(job.charged)],
    [t("jobs.key"), job.key_id ? <code key="key">{job.key_id}</code> : "–"],
  ];
}

function JobLink({ id }: { id: string }) {
  return (
    <Link to={`/console/jobs/${id}`}>
      <code>{id.slice(0, 8)}…</code>
    </Link>
  );
}

function Actions({ job }: { job: Detail }) {
  const { t } = useTranslation("console");
  const queries = useQueryClient();
  const navigate = useNavigate();
  const tell = useTellError();
  const path = { job_id: job.id };
  const cancel = useMutation({
    mutationFn: () => api.POST("/v1/admin/jobs/{job_id}/cancel", { params: { path } }),
    onSuccess: () => notify(t("jobs.canceled")),
    onSettled: () => queries.invalidateQueries(),
    onError: tell,
  });
  const retry = useMutation({
    mutationFn: () =>
      api.POST("/v1/admin/jobs/{job_id}/retry", { params: { path, header: { "Idempotency-Key": randomId() } } }),
    onSuccess: ({ data }) => {
      notify(t("jobs.retried"));
      if (data) void navigate(`/console/jobs/${data.id}`);
    },
    onError: tell,
  });
  if (isUnfinished(job.status)) {
    return (
      <Button variant="default" leftSection={<IconPlayerStop size={17} />} loading={cancel.isPending} onClick={() => cancel.mutate()}>
        {t("jobs.cancel")}
      </Button>
    );
  }
  return (
    <Button leftSection={<IconRefresh size={17} />} loading={retry.isPending} onClick={() => retry.mutate()}>
      {t("jobs.retry")}
    </Button>
  );
}
