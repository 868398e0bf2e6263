import { SegmentedControl } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { $api, api } from "../../api/client";
import type { components } from "../../api/schema";
import { useTellError } from "../../studio/gallery/useActions";
import { Loaded } from "../../ui/Loaded";
import { Facts } from "../../ui/Facts";
import { useNumbers } from "../../ui/numbers";
import { PageHead } from "../../ui/PageHead";
import { StatusMark } from "../../ui/StatusMark";
import { usePlacePause } from "../place";
import { EngineAccounts } from "./EngineAccounts";
import classes from "../jobs/jobs.module.css";

type Engine = components["schemas"]["AdminEngine"];
type AdminState = Engine["admin_state"];

const STATES: AdminState[] = ["open", "draining", "stopped"];
const LIVE_MS = 3_000;

/** The engines: what they do, why one rests, and the accounts that remote ones work with. */
export function Page() {
  const { t } = useTranslation("console");
  const found = $api.useQuery("get", "/v1/admin/engines", {}, { refetchInterval: usePlacePause(LIVE_MS) });
  return (
    <>
      <PageHead title={t("nav.engines")} />
      <Loaded query={found}>
        {(list) => (
          <>
            <div className={classes.grid}>
              {list.data.map((engine) => (
                <EngineCard key={engine.name} engine={engine} />
              ))}
            </div>
            <Pool engines={list.data.filter((one) => one.has_accounts).map((one) => one.name)} />
          </>
        )}
      </Loaded>
    </>
  );
}

/** The accounts, where an engine works with any. */
function Pool({ engines }: { engines: string[] }) {
  return engines.length > 0 && <EngineAccounts engines={engines} />;
}

function EngineCard({ engine }: { engine: Engine }) {
  const { t } = useTranslation("console");
  const { count, time } = useNumbers();
  const queries = useQueryClient();
  const tell = useTellError();
  const update = useMutation({
    mutationFn: (state: AdminState) =>
      api.PATCH("/v1/admin/engines/{name}", { params: { path: { name: engine.name } }, body: { admin_state: state } }),
    onSuccess: () => queries.invalidateQueries(),
    onError: tell,
  });
  const cooling = engine.cooldown_until !== null;
  return (
    <section className={`card ${classes.part}`}>
      <h2>{engine.name}</h2>
      {engine.description && <p className="quiet">{engine.description}</p>}
      <Facts
        rows={[
          [
            t("engines.state"),
            <StatusMark
              key="state"
              tone={cooling || engine.absent ? "bad" : engine.admin_state === "open" ? "ok" : "quiet"}
              text={cooling ? t("engines.cooling", { time: time(engine.cooldown_until ?? 0) }) : engine.absent ? t("engines.absent") : t(`engines.states.${engine.admin_state}`)}
            />,
          ],
          [t("engines.queued"), <Link key="q" to="/console/jobs?status=queued">{count(engine.queued)}</Link>],
          [t("engines.running"), <Link key="r" to="/console/jobs?status=running">{count(engine.running)}</Link>],
          [t("engines.concurrency"), engine.concurrency === null ? t("engines.elsewhere") : count(engine.concurrency)],
          [t("engines.models"), engine.models.join(", ") || "–"],
          [t("engines.licence"), engine.licence ?? "–"],
          [t("engines.failures"), count(engine.failures)],
          [t("engines.reason"), engine.reason ?? "–"],
        ]}
      />
      <SegmentedControl
        fullWidth
        mt="sm"
        value={engine.admin_state}
        onChange={(state) => update.mutate(state as AdminState)}
        data={STATES.map((state) => ({ value: state, label: t(`engines.set.${state}`) }))}
        aria-label={t("engines.state")}
      />
    </section>
  );
}
