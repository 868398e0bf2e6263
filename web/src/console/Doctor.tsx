import { Button } from "@mantine/core";
import { IconStethoscope } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { $api } from "../api/client";
import type { components } from "../api/schema";
import { DataTable, type Column } from "../ui/DataTable";
import { Loaded } from "../ui/Loaded";
import { StatusMark, type Tone } from "../ui/StatusMark";

type Check = components["schemas"]["AdminCheck"];

const TONES: Record<Check["status"], Tone> = { ok: "ok", warning: "busy", error: "bad" };

/** The checks of `hinode doctor`, run when they are asked for: they take seconds. */
export function Doctor() {
  const { t } = useTranslation("console");
  const found = $api.useQuery("get", "/v1/admin/doctor", {}, { enabled: false });
  return (
    <>
      <Button
        variant="default"
        mb="md"
        leftSection={<IconStethoscope size={17} />}
        loading={found.isFetching}
        onClick={() => void found.refetch()}
      >
        {t("doctor.run")}
      </Button>
      {(found.data || found.error) && <Loaded query={found}>{(list) => <Checks rows={list.data} />}</Loaded>}
    </>
  );
}

function Checks({ rows }: { rows: Check[] }) {
  const { t } = useTranslation("console");
  const columns: Column<Check>[] = [
    { name: t("doctor.check"), cell: (one) => one.name },
    { name: t("doctor.result"), cell: (one) => <StatusMark tone={TONES[one.status]} text={t(`doctor.${one.status}`)} /> },
    { name: t("doctor.found"), cell: (one) => one.detail, long: true },
    { name: t("doctor.remedy"), cell: (one) => one.remedy || "–", long: true },
  ];
  return <DataTable label={t("doctor.title")} columns={columns} rows={rows} keyOf={(one) => one.name} />;
}
