import { Button, PasswordInput, SegmentedControl, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { useTellError } from "../../studio/gallery/useActions";
import { notify } from "../../ui/notices";
import { AccountFields, type Limits } from "./AccountFields";
import { EngineChoice } from "./EngineChoice";

const TOKENS = ["refresh_token", "session_token", "access_token"] as const;
type TokenKind = (typeof TOKENS)[number];
const USUAL: Limits = { label: "", videos: 3, images: 3 };

/** Add an account at an engine's server by one of its tokens. */
export function AddAccount({ engines, onDone }: { engines: string[]; onDone: () => void }) {
  const { t } = useTranslation("console");
  const [engine, setEngine] = useState(engines[0] ?? "");
  const [kind, setKind] = useState<TokenKind>("refresh_token");
  const [token, setToken] = useState("");
  const [limits, setLimits] = useState(USUAL);
  const add = useAdd(onDone);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { label, videos, images } = limits;
    add.mutate({ engine, [kind]: token.trim(), label, video_concurrency: videos, image_concurrency: images });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <EngineChoice engines={engines} value={engine} onChange={setEngine} />
        <SegmentedControl
          fullWidth
          aria-label={t("pool.token")}
          value={kind}
          onChange={(value) => setKind(value as TokenKind)}
          data={TOKENS.map((one) => ({ value: one, label: t(`pool.tokens.${one}`) }))}
        />
        <PasswordInput
          label={t(`pool.tokens.${kind}`)}
          description={t(kind === "access_token" ? "pool.notRenewed" : "pool.renewed")}
          visibilityToggleButtonProps={{ "aria-label": t("pool.showToken") }}
          autoComplete="off"
          required
          data-autofocus
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
        <AccountFields value={limits} onChange={(change) => setLimits({ ...limits, ...change })} />
        <Text size="sm" c="dimmed">
          {t("pool.addWhy")}
        </Text>
        <Button type="submit" loading={add.isPending} disabled={!token.trim()}>
          {t("pool.add")}
        </Button>
      </Stack>
    </form>
  );
}

type NewAccount = { engine: string; label: string; video_concurrency: number; image_concurrency: number };

function useAdd(onDone: () => void) {
  const { t } = useTranslation("console");
  const queries = useQueryClient();
  const tell = useTellError();
  return useMutation({
    mutationFn: (body: NewAccount) => api.POST("/v1/admin/engine_accounts", { body }),
    onSuccess: async () => {
      notify(t("pool.added"));
      onDone();
      await queries.invalidateQueries();
    },
    onError: tell,
  });
}
