import { SegmentedControl } from "@mantine/core";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import { $api } from "../api/client";
import type { components } from "../api/schema";
import { DataTable, type Column } from "../ui/DataTable";
import { FilterBar } from "../ui/FilterBar";
import { Loaded } from "../ui/Loaded";
import { TypedFilter } from "../ui/TypedFilter";
import classes from "./settings.module.css";

type Setting = components["schemas"]["AdminSetting"];
type Shown = "set" | "all";

/** The settings in force, without secrets; at first those that somebody set. */
export function Settings() {
  const { t } = useTranslation("console");
  const [shown, setShown] = useState<Shown>("set");
  const [text, setText] = useState("");
  const found = $api.useQuery("get", "/v1/admin/settings", {});
  const wanted = (one: Setting) => (shown === "all" || one.source !== "default") && one.name.includes(text.toLowerCase());
  return (
    <>
      <FilterBar>
        <SegmentedControl
          aria-label={t("system.settings")}
          value={shown}
          onChange={(value) => setShown(value as Shown)}
          data={(["set", "all"] as const).map((one) => ({ value: one, label: t(`system.shown.${one}`) }))}
        />
        <TypedFilter label={t("system.search")} value={text} onChange={setText} />
      </FilterBar>
      <Loaded query={found}>{(page) => <Rows rows={page.data.filter(wanted)} />}</Loaded>
    </>
  );
}

function Rows({ rows }: { rows: Setting[] }) {
  const { t } = useTranslation("console");
  const columns: Column<Setting>[] = [
    { name: t("system.setting"), cell: (one) => <code>{one.name}</code> },
    { name: t("system.value"), cell: (one) => <Value of={one.value} />, long: true },
    { name: t("system.source"), cell: (one) => <Source of={one} />, long: true },
  ];
  if (rows.length === 0) return <p className="quiet">{t("system.noSetting")}</p>;
  return <DataTable label={t("system.settings")} columns={columns} rows={rows} keyOf={(one) => one.name} />;
}

function Value({ of: value }: { of: unknown }) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text && text !== "null" ? <code>{text}</code> : <span className="quiet">–</span>;
}

function Source({ of: one }: { of: Setting }) {
  const { t } = useTranslation("console");
  return (
    <span>
      {t(`system.sources.${one.source}`)} {one.place && <Place path={one.place} />}
    </span>
  );
}

/** A path that is broken between its folders only. */
function Place({ path }: { path: string }) {
  const parts = path.split(/(?<=\/)/);
  return (
    <code className={`quiet ${classes.path}`}>
      {parts.map((part, at) => (
        <Fragment key={at}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </code>
  );
}
