import { Button, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { saveAs, useTellError } from "../../studio/gallery/useActions";
import { EngineChoice } from "./EngineChoice";

/** Some browsers read the content only after the click. */
const KEPT_MS = 60_000;

/** Save the accounts of an engine with their tokens as a file. */
export function ExportAccounts({ engines, onDone }: { engines: string[]; onDone: () => void }) {
  const { t } = useTranslation("console");
  const tell = useTellError();
  const [engine, setEngine] = useState(engines[0] ?? "");
  const take = useMutation({
    mutationFn: () => api.POST("/v1/admin/engine_accounts/export", { body: { engine } }),
    onSuccess: ({ data }) => {
      save(JSON.stringify(data, null, 2), `${engine}-accounts.json`);
      onDone();
    },
    onError: tell,
  });
  return (
    <Stack>
      <EngineChoice engines={engines} value={engine} onChange={setEngine} />
      <Text size="sm">{t("pool.exportWhy")}</Text>
      <Button leftSection={<IconDownload size={17} />} loading={take.isPending} onClick={() => take.mutate()}>
        {t("pool.exportDo")}
      </Button>
    </Stack>
  );
}

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  saveAs(url, name);
  window.setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
