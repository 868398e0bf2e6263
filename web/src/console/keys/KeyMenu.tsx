import { ActionIcon, Button, Menu, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBan, IconDotsVertical, IconPencil, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import type { paths } from "../../api/schema";
import { KeyForm } from "../../keys/KeyForm";
import { useTellError } from "../../studio/gallery/useActions";
import { notify } from "../../ui/notices";
import { OperatorLimitFields } from "./OperatorLimitFields";
import { SCOPES, type Key, type OperatorLimits } from "./operatorLimits";

type Update = NonNullable<paths["/v1/admin/keys/{key_id}"]["patch"]["requestBody"]>["content"]["application/json"];

/** What can be done with a key: changed, disabled for a while, revoked for good. */
export function KeyMenu({ apiKey }: { apiKey: Key }) {
  const { t } = useTranslation("console");
  const [changing, change] = useDisclosure();
  const [sure, revoking] = useDisclosure();
  const update = useUpdate(apiKey, change.close);
  const disabled = apiKey.disabled_at !== null;
  const close = { closeButtonProps: { "aria-label": t("close") } };
  if (apiKey.revoked_at !== null) return "–";
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={t("keys.actionsFor", { name: apiKey.name })}>
            <IconDotsVertical size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={17} />} onClick={change.open}>
            {t("keys.change")}
          </Menu.Item>
          <Menu.Item
            leftSection={disabled ? <IconPlayerPlay size={17} /> : <IconPlayerPause size={17} />}
            onClick={() => update.mutate({ disabled: !disabled })}
          >
            {disabled ? t("keys.enable") : t("keys.disable")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item c="var(--bad)" leftSection={<IconBan size={17} />} onClick={revoking.open}>
            {t("keys.revoke")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={changing} onClose={change.close} title={t("keys.changeTitle", { name: apiKey.name })} {...close}>
        <Change apiKey={apiKey} busy={update.isPending} onSubmit={(body) => update.mutate(body)} />
      </Modal>
      <Modal opened={sure} onClose={revoking.close} title={t("keys.revokeSure", { name: apiKey.name })} {...close}>
        <Revoke apiKey={apiKey} />
      </Modal>
    </>
  );
}

function Change({ apiKey, busy, onSubmit }: { apiKey: Key; busy: boolean; onSubmit: (body: Update) => void }) {
  const { t } = useTranslation("console");
  const { max_priority, local_only } = apiKey;
  const [limits, setLimits] = useState<OperatorLimits>({ max_priority, local_only });
  return (
    <KeyForm
      start={apiKey}
      scopes={SCOPES}
      action={t("keys.save")}
      busy={busy}
      onSubmit={(draft) => onSubmit({ ...draft, ...limits })}
      below={<OperatorLimitFields value={limits} onChange={(change) => setLimits({ ...limits, ...change })} />}
    />
  );
}

function useUpdate(key: Key, onDone: () => void) {
  const { t } = useTranslation("console");
  const queries = useQueryClient();
  const tell = useTellError();
  return useMutation({
    mutationFn: (body: Update) =>
      api.PATCH("/v1/admin/keys/{key_id}", { params: { path: { key_id: key.id } }, body }),
    onSuccess: () => {
      onDone();
      notify(t("keys.changed"));
      return queries.invalidateQueries();
    },
    onError: tell,
  });
}

function Revoke({ apiKey }: { apiKey: Key }) {
  const { t } = useTranslation("console");
  const queries = useQueryClient();
  const tell = useTellError();
  const revoke = useMutation({
    mutationFn: () => api.DELETE("/v1/admin/keys/{key_id}", { params: { path: { key_id: apiKey.id } } }),
    onSuccess: () => queries.invalidateQueries(),
    onError: tell,
  });
  return (
    <>
      <p>{t("keys.revokeWhy")}</p>
      <Button color="red" fullWidth loading={revoke.isPending} onClick={() => revoke.mutate()}>
        {t("keys.revoke")}
      </Button>
    </>
  );
}
