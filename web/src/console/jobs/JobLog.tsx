import { useTranslation } from "react-i18next";
import { $api } from "../../api/client";
import type { components } from "../../api/schema";
import { DataTable, type Column } from "../../ui/DataTable";
import { Loaded } from "../../ui/Loaded";
import { useNumbers } from "../../ui/numbers";
import { StatusMark, type Tone } from "../../ui/StatusMark";
import { usePlacePause } from "../place";

type Line = components["schemas"]["AdminJobLogLine"] & { number: number };

const TONES: Record<Line["level"], Tone> = { debug: "quiet", info: "quiet", warning: "busy", error: "bad", critical: "bad" };
const LIVE_MS = 2_000;

/** What the workers logged while they had a job, the oldest first. */
export function JobLog({ id, unfinished }: { id: string; unfinished: boolean }) {
  const { t } = useTranslation("console");
  const { moment } = useNumbers();
  const pause = usePlacePause(LIVE_MS);
  const params = { path: { job_id: id } };
  const found = $api.useQuery("get", "/v1/admin/jobs/{job_id}/log", { params }, { refetchInterval: unfinished && pause });
  const columns: Column<Line>[] = [
    { name: t("log.at"), cell: (line) => moment(line.at) },
    { name: t("log.level"), cell: (line) => <StatusMark tone={TONES[line.level]} text={line.level} /> },
    { name: t("log.event"), cell: (line) => line.event, long: true },
    { name: t("audit.details"), cell: (line) => <Fields of={line.details} />, long: true },
    { name: t("system.worker"), cell: (line) => <code>{line.worker}</code>, long: true },
  ];
  return (
    <>
      <h2>{t("log.title")}</h2>
      <Loaded query={found}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="quiet">{t("log.none")}</p>
          ) : (
            <DataTable
              label={t("log.title")}
              columns={columns}
              rows={data.map((line, number) => ({ ...line, number }))}
              keyOf={(line) => String(line.number)}
            />
          )
        }
      </Loaded>
    </>
  );
}

function Fields({ of: details }: { of: Line["details"] }) {
  const parts = Object.entries(details).map(([name, value]) => `${name}: ${String(value)}`);
  return parts.length === 0 ? "–" : <small>{parts.join(", ")}</small>;
}
