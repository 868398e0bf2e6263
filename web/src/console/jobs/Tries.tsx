import { useTranslation } from "react-i18next";
import type { components } from "../../api/schema";
import { DataTable, type Column } from "../../ui/DataTable";
import { useNumbers } from "../../ui/numbers";
import { StatusMark } from "../../ui/StatusMark";
import { TONES, type JobState } from "./jobStates";

type Try = components["schemas"]["AdminTry"];
type Numbered = Try & { number: number };

/** Every engine that had the job, oldest first, and why it left each. */
export function Tries({ tries }: { tries: Try[] }) {
  const { t } = useTranslation("console");
  const { time } = useNumbers();
  const moment = (unix: number | null) => (unix === null ? "–" : time(unix));
  const columns: Column<Numbered>[] = [
    { name: t("jobs.engine"), cell: (one) => one.engine + (one.upstream ? ` (${one.upstream})` : "") },
    { name: t("jobs.started"), cell: (one) => moment(one.started_at) },
    { name: t("jobs.ended"), cell: (one) => moment(one.ended_at) },
    { name: t("jobs.outcome"), cell: (one) => <Outcome outcome={one.outcome} /> },
    { name: t("jobs.reason"), cell: (one) => one.reason ?? "–", long: true },
  ];
  const rows = tries.map((one, index) => ({ ...one, number: index + 1 }));
  return <DataTable label={t("jobs.tries")} columns={columns} rows={rows} keyOf={(one) => String(one.number)} />;
}

function Outcome({ outcome }: { outcome: Try["outcome"] }) {
  const { t } = useTranslation("console");
  if (outcome === "submit_failed" || outcome === "moved") {
    return <StatusMark tone={outcome === "moved" ? "quiet" : "bad"} text={t(`jobs.outcomes.${outcome}`)} />;
  }
  const state: JobState = outcome;
  return <StatusMark tone={TONES[state]} text={t(`states.${state}`)} />;
}
