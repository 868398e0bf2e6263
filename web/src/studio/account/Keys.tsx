import { Button, Group, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { $api, api } from "../../api/client";
import type { components } from "../../api/schema";
import { KeyForm, USUAL_SCOPES, type KeyDraft } from "../../keys/KeyForm";
import { LimitList } from "../../keys/LimitList";
import { DataTable, type Column } from "../../ui/DataTable";
import { EmptyBox } from "../../ui/EmptyBox";
import { Loaded } from "../../ui/Loaded";
import { notify } from "../../ui/notices";
import { useNumbers } from "../../ui/numbers";
import { Secret } from "../../ui/Secret";
import { useTellError } from "../gallery/useActions";

type Key = components["schemas"]["OwnApiKey"];
type OwnDraft = KeyDraft<(typeof USUAL_SCOPES)[number]>;

/** The account's own keys, for its programs. */
export function Keys() {
  const { t } = useTranslation("studio");
  const [opened, dialog] = useDisclosure();
  const found = $api.useQuery("get", "/v1/me/keys", { params: { query: { limit: 100 } } });
  return (
    <>
      <Group justify="space-between" mb="md">
        <span className="quiet">{t("ownKeys.why")}</span>
        <Button leftSection={<IconPlus size={17} />} onClick={dialog.open}>
          {t("ownKeys.new")}
        </Button>
      </Group>
      <Loaded query={found}>
        {(page) => {
          const valid = page.data.filter((key) => key.revoked_at === null);
          if (valid.length > 0) return <KeyTable rows={valid} />;
          return <EmptyBox icon={IconKey} title={t("ownKeys.none")} text={t("ownKeys.noneWhy")} />;
        }}
      </Loaded>
      <Modal opened={opened} onClose={dialog.close} title={t("ownKeys.new")} closeButtonProps={{ "aria-label": t("close") }}>
        <NewKey />
      </Modal>
    </>
  );
}

function KeyTable({ rows }: { rows: Key[] }) {
  const { t } = useTranslation("studio");
  const { count, time } = useNumbers();
  const columns: Column<Key>[] = [
    { name: t("hooks.name"), cell: (key) => key.name, long: true },
    { name: t("own.key"), cell: (key) => <code>{key.hint}</code> },
    { name: t("ownKeys.scopes"), cell: (key) => key.scopes.join(", "), long: true },
    { name: t("ownKeys.limits"), cell: (key) => <LimitList of={key} />, long: true },
    { name: t("own.spent"), cell: (key) => count(key.spent), end: true },
    { name: t("details.created"), cell: (key) => time(key.created_at) },
    { name: t("actions"), cell: (key) => <KeyActions apiKey={key} />, end: true },
  ];
  return <DataTable label={t("own.tabs.keys")} columns={columns} rows={rows} keyOf={(key) => key.id} />;
}

/** Return the scopes that accounts give themselves; a key with others is changed by operators. */
function own(key: Key): OwnDraft["scopes"] {
  return USUAL_SCOPES.filter((one) => key.scopes.includes(one));
}

function KeyActions({ apiKey }: { apiKey: Key }) {
  return (
    <Group gap="xs" justify="flex-end" wrap="nowrap">
      {own(apiKey).length === apiKey.scopes.length && <Change apiKey={apiKey} />}
      <Revoke apiKey={apiKey} />
    </Group>
  );
}

function Change({ apiKey }: { apiKey: Key }) {
  const { t } = useTranslation("studio");
  const queries = useQueryClient();
  const tell = useTellError();
  const [opened, dialog] = useDisclosure();
  const update = useMutation({
    mutationFn: (body: OwnDraft) =>
      api.PATCH("/v1/me/keys/{key_id}", { params: { path: { key_id: apiKey.id } }, body }),
    onSuccess: () => {
      dialog.close();
      notify(t("ownKeys.changed"));
      return queries.invalidateQueries();
    },
    onError: tell,
  });
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={dialog.open}>
        {t("ownKeys.change")}
      </Button>
      <Modal opened={opened} onClose={dialog.close} title={t("ownKeys.changeTitle", { name: apiKey.name })} closeButtonProps={{ "aria-label": t("close") }}>
        <KeyForm
          start={{ ...apiKey, scopes: own(apiKey) }}
          scopes={USUAL_SCOPES}
          action={t("ownKeys.save")}
          busy={update.isPending}
          onSubmit={(draft) => update.mutate(draft)}
        />
      </Modal>
    </>
  );
}

function Revoke({ apiKey }: { apiKey: Key }) {
  const { t } = useTranslation("studio");
  const queries = useQueryClient();
  const tell = useTellError();
  const [sure, dialog] = useDisclosure();
  const revoke = useMutation({
    mutationFn: () => api.DELETE("/v1/me/keys/{key_id}", { params: { path: { key_id: apiKey.id } } }),
    onSuccess: () => queries.invalidateQueries(),
    onError: tell,
  });
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={dialog.open}>
        {t("ownKeys.revoke")}
      </Button>
      <Modal opened={sure} onClose={dialog.close} title={t("ownKeys.revokeSure", { name: apiKey.name })} closeButtonProps={{ "aria-label": t("close") }}>
        <p>{t("ownKeys.revokeWhy")}</p>
        <Button color="red" fullWidth loading={revoke.isPending} onClick={() => revoke.mutate()}>
          {t("ownKeys.revoke")}
        </Button>
      </Modal>
    </>
  );
}

function NewKey() {
  const { t } = useTranslation("studio");
  const queries = useQueryClient();
  const tell = useTellError();
  const create = useMutation({
    mutationFn: (body: OwnDraft) => api.POST("/v1/me/keys", { body }),
    onSuccess: () => queries.invalidateQueries(),
    onError: tell,
  });
  const secret = create.data?.data?.key;
  if (secret) return <Secret value={secret} />;
  return (
    <KeyForm
      scopes={USUAL_SCOPES}
      action={t("ownKeys.create")}
      busy={create.isPending}
      onSubmit={(draft) => create.mutate(draft)}
    />
  );
}
