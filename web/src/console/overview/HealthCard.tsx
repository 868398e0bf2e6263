import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { components } from "../../api/schema";
import { Facts } from "../../ui/Facts";
import { StatusMark, type Tone } from "../../ui/StatusMark";
import classes from "./overview.module.css";

type Health = components["schemas"]["Health"];

const PARTS = ["database", "storage", "workers"] as const;
const CONDITIONS = ["ready", "cooldown", "absent", "draining", "stopped"] as const;
type Condition = (typeof CONDITIONS)[number];
const TONES: Record<Condition, Tone> = { ready: "ok", cooldown: "busy", absent: "bad", draining: "quiet", stopped: "quiet" };

/** Return whether nothing stands in the way of new jobs. */
export function isWell(health: Health): boolean {
  return PARTS.every((part) => health[part]) && health.creates_refused === null && health.clock === "ok";
}

/** What works and what does not, part by part. */
export function HealthCard({ health }: { health: Health }) {
  const { t } = useTranslation("console");
  const works = (well: boolean) => <StatusMark tone={well ? "ok" : "bad"} text={t(`overview.check.${well ? "ok" : "failed"}`)} />;
  const why = health.creates_refused;
  const rows: [string, ReactNode][] = [
    ...PARTS.map((part): [string, ReactNode] => [t(`overview.parts.${part}`), works(health[part])]),
    [
      t("overview.creates"),
      <StatusMark key="creates" tone={why ? "bad" : "ok"} text={why ? t("overview.refused", { why }) : t("overview.created")} />,
    ],
    [t("overview.clock"), health.clock === "ok" ? works(true) : <StatusMark key="clock" tone="bad" text={t("overview.doubted")} />],
    ...Object.entries(health.engines).map(([name, told]): [string, ReactNode] => [name, <Engine key={name} told={told} />]),
  ];
  return (
    <section className={`card ${classes.part}`}>
      <h2>{t("overview.checks")}</h2>
      <Facts rows={rows} />
    </section>
  );
}

function Engine({ told }: { told: string }) {
  const { t } = useTranslation("console");
  const condition = CONDITIONS.find((one) => one === told);
  return condition ? <StatusMark tone={TONES[condition]} text={t(`overview.conditions.${condition}`)} /> : told;
}
