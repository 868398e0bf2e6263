import { Button, Modal, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { $api, api } from "../api/client";
import type { components } from "../api/schema";
import { useTellError } from "../studio/gallery/useActions";
import { DataTable, type Column } from "../ui/DataTable";
import { Loaded } from "../ui/Loaded";
import { useNumbers } from "../ui/numbers";
import { PageHead } from "../ui/PageHead";
import { CURSOR, Pager } from "../ui/Pager";
import { Secret } from "../ui/Secret";
import { StatusMark, type Tone } from "../ui/StatusMark";

type Key = components["schemas"]["AdminKey"];

/** The API keys of all accounts, without their secrets. */
export function Page() {
  const { t } = useTranslation("console");
  const [search] = useSearchParams();
  const [opened, dialog] = useDisclosure();
  const cursor = search.get(CURSOR);
  const found = $api.useQuery("get", "/v1/admin/keys", {
    params: { query: { limit: 50, ...(cursor && { cursor }) } },
  });
  return (
    <>
      <PageHead title={t("nav.keys")}>
        <Button leftSection={<IconPlus size={17} />} onClick={dialog.open}>
          {t("keys.new")}
        </Button>
      </PageHead>
      <Loaded query={found}>
        {(page) => (
          <>
            <Keys rows={page.data} />
            <Pager next={page.next_cursor} />
          </>
        )}
      </Loaded>
      <Modal opened={opened} onClose={dialog.close} title={t("keys.new")} closeButtonProps={{ "aria-label": t("close") }}>
        <NewKey />
      </Modal>
    </>
  );
}

function stateOf(key: Key): { tone: Tone; state: "revoked" | "disabled" | "active" } {
  if (key.revoked_at !== null) return { tone: "bad", state: "revoked" };
  return key.disabled_at !== null ? { tone: "quiet", state: "disabled" } : { tone: "ok", state: "active" };
}

function Keys({ rows }: { rows: Key[] }) {
  const { t } = useTranslation("console");
  const { count, time } = useNumbers();
  const columns: Column<Key>[] = [
    { name: t("keys.name"), cell: (key) => key.name, long: true },
    { name: t("keys.hint"), cell: (key) => <code>{key.hint}</code> },
    { name: t("keys.account"), cell: (key) => <Link to={`/console/accounts/${encodeURIComponent(key.account)}`}>{key.account}</Link>, long: true },
    {
      name: t("keys.state"),
      cell: (key) => {
        const { tone, state } = stateOf(key);
        return <StatusMark tone={tone} text={t(`keys.states.${state}`)} />;
      },
    },
    { name: t("keys.scopes"), cell: (key) => key.scopes.join(", "), long: true },
    { name: t("keys.spent"), cell: (key) => count(key.spent), end: true },
    { name: t("keys.expires"), cell: (key) => (key.expires_at === null ? t("keys.never") : time(key.expires_at)) },
    { name: t("keys.actions"), cell: (key) => <KeyActions apiKey={key} />, end: true },
  ];
  return <DataTable label={t("nav.keys")} columns={columns} rows={rows} keyOf={(key) => key.id} />;
}

function KeyActions({ apiKey }: { apiKey: Key }) {
  const { t } = useTranslation("console");
  const queries = useQueryClient();
  const tell = useTellError();
  const [sure, dialog] = useDisclosure();
  const path = { key_id: apiKey.id };
  const options = { onSuccess: () => queries.invalidateQueries(), onError: tell };
  const disable = useMutation({
    mutationFn: () => api.PATCH("/v1/admin/keys/{key_id}", { params: { path }, body: { disabled: apiKey.disabled_at === null } }),
    ...options,
  });
  const revoke = useMutation({
    mutationFn: () => api.DELETE("/v1/admin/keys/{key_id}", { params: { path } }),
    ...options,
  });
  if (apiKey.revoked_at !== null) return "–";
  return (
    <>
      <Button size="compact-sm" variant="subtle" color="gray" onClick={() => disable.mutate()}>
        {apiKey.disabled_at === null ? t("keys.disable") : t("keys.enable")}
      </Button>
      <Button size="compact-sm" variant="subtle" color="red" onClick={dialog.open}>
        {t("keys.revoke")}
      </Button>
      <Modal opened={sure} onClose={dialog.close} title={t("keys.revokeSure", { name: apiKey.name })} closeButtonProps={{ "aria-label": t("close") }}>
        <p>{t("keys.revokeWhy")}</p>
        <Button color="red" fullWidth loading={revoke.isPending} onClick={() => revoke.mutate()}>
          {t("keys.revoke")}
        </Button>
      </Modal>
    </>
  );
}

function NewKey() {
  const { t } = useTranslation("console");
  const queries = useQueryClient();
  const tell = useTellError();
  const [account, setAccount] = useState("");
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: () => api.POST("/v1/admin/keys", { body: { name, account } }),
    onSuccess: () => queries.invalidateQueries(),
    onError: tell,
  });
  if (create.data?.data) return <Secret value={create.data.data.secret} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label={t("keys.account")} required data-autofocus value={account} onChange={(event) => setAccount(event.currentTarget.value)} />
        <TextInput label={t("keys.name")} description={t("keys.nameWhy")} required value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit" loading={create.isPending}>
          {t("keys.create")}
        </Button>
      </Stack>
    </form>
  );
}
