import { Button, Select, Stack, Text } from "@mantine/core";
import { IconFile, IconUpload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { useTellError } from "../../studio/gallery/useActions";
import { notify } from "../../ui/notices";
import { EngineChoice } from "./EngineChoice";

const MODES = ["offline", "rt", "st", "at"] as const;
type Mode = (typeof MODES)[number];

interface Read {
  name: string;
  tokens: Record<string, unknown>[];
}

/** Take accounts from a file that Hinode or sora2api exported. */
export function ImportAccounts({ engines, onDone }: { engines: string[]; onDone: () => void }) {
  const { t } = useTranslation("console");
  const input = useRef<HTMLInputElement>(null);
  const [engine, setEngine] = useState(engines[0] ?? "");
  const [mode, setMode] = useState<Mode>("offline");
  const [read, setRead] = useState<Read | null>(null);
  const bring = useImport(onDone);
  const choose = async (file: File | undefined) => {
    if (!file) return;
    const tokens = accountsIn(await file.text());
    setRead(tokens && { name: file.name, tokens });
    if (!tokens) notify(t("pool.noExport", { name: file.name }), { bad: true });
  };
  return (
    <Stack>
      <EngineChoice engines={engines} value={engine} onChange={setEngine} />
      <Select
        label={t("pool.mode")}
        allowDeselect={false}
        data={MODES.map((one) => ({ value: one, label: t(`pool.modes.${one}`) }))}
        value={mode}
        onChange={(value) => setMode((value ?? "offline") as Mode)}
      />
      <input
        ref={input}
        type="file"
        hidden
        accept="application/json,.json"
        onChange={(event) => {
          void choose(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
      />
      <Button variant="default" leftSection={<IconFile size={17} />} onClick={() => input.current?.click()}>
        {read?.name ?? t("pool.file")}
      </Button>
      <Text size="sm" c="dimmed" role="status">
        {read ? t("pool.inFile", { count: read.tokens.length }) : t("pool.importWhy")}
      </Text>
      <Button
        leftSection={<IconUpload size={17} />}
        disabled={!read}
        loading={bring.isPending}
        onClick={() => read && bring.mutate({ engine, mode, tokens: read.tokens })}
      >
        {t("pool.importDo")}
      </Button>
    </Stack>
  );
}

/** Return the accounts of an exported file; null if it holds none. */
function accountsIn(text: string): Read["tokens"] | null {
  try {
    const told: unknown = JSON.parse(text);
    const list = Array.isArray(told) ? told : (told as { tokens?: unknown } | null)?.tokens;
    return Array.isArray(list) && list.length > 0 ? (list as Read["tokens"]) : null;
  } catch {
    return null;
  }
}

function useImport(onDone: () => void) {
  const { t } = useTranslation("console");
  const queries = useQueryClient();
  const tell = useTellError();
  return useMutation({
    mutationFn: (body: { engine: string; mode: Mode; tokens: Read["tokens"] }) =>
      api.POST("/v1/admin/engine_accounts/import", { body }),
    onSuccess: async ({ data }) => {
      notify(t("pool.imported", { count: data?.data.length ?? 0 }));
      onDone();
      await queries.invalidateQueries();
    },
    onError: tell,
  });
}
