import { useTranslation } from "react-i18next";
import { $api } from "../api/client";
import type { components } from "../api/schema";
import { DataTable, type Column } from "../ui/DataTable";
import { Loaded } from "../ui/Loaded";
import { useNumbers } from "../ui/numbers";
import { PageHead } from "../ui/PageHead";
import { StatusMark } from "../ui/StatusMark";
import { Doctor } from "./Doctor";
import { usePlacePause } from "./place";
import { Settings } from "./Settings";

type Worker = components["schemas"]["AdminWorker"];

const LIVE_MS = 5_000;

/** Is all well here? The workers of the place, and its settings without secrets. */
export function Page() {
  const { t } = useTranslation("console");
  const workers = $api.useQuery("get", "/v1/admin/workers", {}, { refetchInterval: usePlacePause(LIVE_MS) });
  return (
    <>
      <PageHead title={t("nav.system")} />
      <h2>{t("doctor.title")}</h2>
      <Doctor />
      <h2>{t("system.workers")}</h2>
      <Loaded query={workers}>{(page) => <Workers rows={page.data} />}</Loaded>
      <h2>{t("system.settings")}</h2>
      <p className="quiet">{t("system.settingsWhy")}</p>
      <Settings />
    </>
  );
}

function Workers({ rows }: { rows: Worker[] }) {
  const { t } = useTranslation("console");
  const { ago } = useNumbers();
  const columns: Column<Worker>[] = [
    { name: t("system.worker"), cell: (one) => <code>{one.id}</code>, long: true },
    {
      name: t("keys.state"),
      cell: (one) => <StatusMark tone={one.alive ? "ok" : "bad"} text={t(one.alive ? "system.alive" : "system.silent")} />,
    },
    { name: t("system.heard"), cell: (one) => ago(one.last_heartbeat_at) },
  ];
  return <DataTable label={t("system.workers")} columns={columns} rows={rows} keyOf={(one) => one.id} />;
}
