import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNumbers } from "../ui/numbers";
import { FIGURES, type Limits } from "./limits";
import classes from "./keys.module.css";

/** Limits of a key, name and value; or a value that says it all. */
export type Fact = [name: string, value: string] | [alone: string];

/** The limits of a key in a few words, one below the other. */
export function LimitList({ of: limits, more = [] }: { of: Limits; more?: Fact[] }) {
  const { t } = useTranslation();
  const { count, time } = useNumbers();
  const facts: Fact[] = FIGURES.filter((name) => limits[name] !== null).map((name) => [
    t(`limits.${name}`),
    count(limits[name] ?? 0),
  ]);
  if (limits.models.length > 0) facts.push([t("limits.models"), limits.models.join(", ")]);
  if (limits.networks.length > 0) facts.push([t("limits.networks"), limits.networks.join(", ")]);
  if (limits.expires_at !== null) facts.push([t("limits.expires"), time(limits.expires_at)]);
  facts.push(...more);
  if (facts.length === 0) return <span className="quiet">{t("limits.none")}</span>;
  return (
    <ul className={classes.list}>
      {facts.map((fact) => (
        <li key={fact[0]}>{written(fact)}</li>
      ))}
    </ul>
  );
}

function written([name, value]: Fact): ReactNode {
  if (value === undefined) return name;
  return (
    <>
      <span className="quiet">{name}:</span> {value}
    </>
  );
}
