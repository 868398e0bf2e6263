import { useTranslation } from "react-i18next";
import { $api } from "../api/client";
import type { components } from "../api/schema";
import { DataTable, type Column } from "../ui/DataTable";
import { Loaded } from "../ui/Loaded";
import { PageHead } from "../ui/PageHead";
import { StatusMark } from "../ui/StatusMark";

type Model = components["schemas"]["VideoModel"];

/** The video models that are offered, with their engines and prices. */
export function Page() {
  const { t } = useTranslation("console");
  const found = $api.useQuery("get", "/v1/videos/models", {});
  const columns: Column<Model>[] = [
    { name: t("models.id"), cell: (model) => <strong>{model.id}</strong> },
    { name: t("models.engine"), cell: (model) => model.engine.name },
    {
      name: t("models.state"),
      cell: (model) => (
        <StatusMark tone={model.engine.installed ? "ok" : "bad"} text={model.engine.installed ? t("models.here") : t("models.away")} />
      ),
    },
    { name: t("models.sizes"), cell: (model) => model.sizes.map((size) => size.replace("x", "×")).join(", "), long: true },
    { name: t("models.seconds"), cell: (model) => model.durations.map(Number).sort((one, other) => one - other).join(", "), long: true },
    { name: t("models.price"), cell: (model) => t(`models.per.${model.price.per}`, { count: model.price.credits }), end: true },
    { name: t("models.licence"), cell: (model) => model.engine.licence ?? "–", long: true },
  ];
  return (
    <>
      <PageHead title={t("nav.models")} />
      <Loaded query={found}>
        {(list) => <DataTable label={t("nav.models")} columns={columns} rows={list.data} keyOf={(model) => model.id} />}
      </Loaded>
    </>
  );
}
