import { Chip, Group, Switch } from "@mantine/core";
import { IconListDetails } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { $api } from "../../api/client";
import { DataTable, type Column } from "../../ui/DataTable";
import { EmptyBox } from "../../ui/EmptyBox";
import { FilterBar } from "../../ui/FilterBar";
import { FilterSelect } from "../../ui/FilterSelect";
import { Loaded } from "../../ui/Loaded";
import { useNumbers } from "../../ui/numbers";
import { PageHead } from "../../ui/PageHead";
import { Pager } from "../../ui/Pager";
import { StatusMark } from "../../ui/StatusMark";
import { TypedFilter } from "../../ui/TypedFilter";
import { usePlacePause } from "../place";
import { STATES, TONES, type AdminJob, type JobState } from "./jobStates";
import { useJobFilters } from "./useJobFilters";
import classes from "./jobs.module.css";

const LIVE_MS = 3_000;

/** The jobs of all accounts; what is shown stands in the address. */
export function Page() {
  const { t } = useTranslation("console");
  const [live, setLive] = useState(true);
  const { filters, query } = useJobFilters();
  const pause = usePlacePause(LIVE_MS);
  const found = $api.useQuery(
    "get",
    "/v1/admin/jobs",
    { params: { query } },
    { refetchInterval: live && !query.cursor && pause, placeholderData: (before) => before },
  );
  const filtered = filters.states.length > 0 || filters.account || filters.model || filters.engine;
  return (
    <>
      <PageHead title={t("nav.jobs")}>
        <Switch label={t("jobs.live")} checked={live} onChange={(event) => setLive(event.currentTarget.checked)} />
      </PageHead>
      <Filters />
      <Loaded query={found}>
        {(page) =>
          page.data.length === 0 ? (
            <EmptyBox
              icon={IconListDetails}
              title={t("jobs.none")}
              text={filtered ? t("jobs.noneFiltered") : t("jobs.noneYet")}
            />
          ) : (
            <>
              <Jobs jobs={page.data} />
              <Pager next={page.next_cursor} />
            </>
          )
        }
      </Loaded>
    </>
  );
}

function Filters() {
  const { t } = useTranslation("console");
  const { filters, set } = useJobFilters();
  const models = $api.useQuery("get", "/v1/models", {}, { staleTime: Infinity });
  const engines = $api.useQuery("get", "/v1/admin/engines", {}, { staleTime: Infinity });
  return (
    <FilterBar>
      <Chip.Group
        multiple
        value={filters.states}
        onChange={(states) => set({ states: states as JobState[] })}
      >
        <Group gap="xs" role="group" aria-label={t("jobs.status")}>
          {STATES.map((state) => (
            <Chip key={state} value={state} size="sm" variant="outline">
              {t(`states.${state}`)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <TypedFilter label={t("jobs.account")} value={filters.account} onChange={(account) => set({ account })} />
      <FilterSelect
        label={t("jobs.model")}
        searchable
        value={filters.model}
        data={(models.data?.data ?? []).filter((one) => one.id === one.hinode.model).map(({ id }) => ({ value: id, label: id }))}
        onChange={(model) => set({ model })}
      />
      <FilterSelect
        label={t("jobs.engine")}
        value={filters.engine}
        data={(engines.data?.data ?? []).map(({ name }) => ({ value: name, label: name }))}
        onChange={(engine) => set({ engine })}
      />
    </FilterBar>
  );
}

function Jobs({ jobs }: { jobs: AdminJob[] }) {
  const { t } = useTranslation("console");
  const { ago, time, count } = useNumbers();
  const columns: Column<AdminJob>[] = [
    {
      name: t("jobs.status"),
      cell: (job) => (
        <StatusMark
          tone={TONES[job.status]}
          text={job.status === "running" ? `${t("states.running")} ${job.progress}%` : t(`states.${job.status}`)}
        />
      ),
    },
    {
      name: t("jobs.job"),
      cell: (job) => (
        <Link to={`/console/jobs/${job.id}`} className={classes.link}>
          <code>{job.id.slice(0, 8)}…{job.id.slice(-4)}</code>
        </Link>
      ),
    },
    {
      name: t("jobs.account"),
      cell: (job) => <Link to={`/console/accounts/${encodeURIComponent(job.account)}`}>{job.account}</Link>,
      long: true,
    },
    { name: t("jobs.model"), cell: (job) => job.model },
    { name: t("jobs.engine"), cell: (job) => job.engine },
    { name: t("jobs.created"), cell: (job) => <span title={time(job.created_at)}>{ago(job.created_at)}</span> },
    { name: t("jobs.credits"), cell: (job) => count(job.charged || job.held), end: true },
    {
      name: t("jobs.reason"),
      cell: (job) => <span className={classes.reason}>{job.error ? job.error.message : "–"}</span>,
      long: true,
    },
  ];
  return <DataTable label={t("nav.jobs")} columns={columns} rows={jobs} keyOf={(job) => job.id} />;
}
