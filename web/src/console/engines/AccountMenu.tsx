import { ActionIcon, Button, Group, Menu, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDotsVertical, IconPencil, IconPlugConnected, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { useTellError } from "../../studio/gallery/useActions";
import { notify } from "../../ui/notices";
import { AccountFields, type Limits } from "./AccountFields";
import { nameOf, type EngineAccount } from "./EngineAccounts";

/** What can be done with an account: tested at its server, changed, removed. */
export function AccountMenu({ account }: { account: EngineAccount }) {
  const { t } = useTranslation("console");
  const [changing, change] = useDisclosure();
  const [removing, remove] = useDisclosure();
  const test = useTest(account);
  const close = { closeButtonProps: { "aria-label": t("close") } };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={t("pool.actionsFor", { name: nameOf(account) })} loading={test.isPending}>
            <IconDotsVertical size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPlugConnected size={17} />} onClick={() => test.mutate()}>
            {t("pool.test")}
          </Menu.Item>
          <Menu.Item leftSection={<IconPencil size={17} />} onClick={change.open}>
            {t("pool.change")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item c="var(--bad)" leftSection={<IconTrash size={17} />} onClick={remove.open}>
            {t("pool.remove")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={changing} onClose={change.close} title={nameOf(account)} {...close}>
        <Change account={account} onDone={change.close} />
      </Modal>
      <Modal opened={removing} onClose={remove.close} title={t("pool.removeSure", { name: nameOf(account) })} {...close}>
        <Remove account={account} onDone={remove.close} />
      </Modal>
    </>
  );
}

const pathOf = (account: EngineAccount) => ({ params: { path: { account_id: account.id } } });

function useTest(account: EngineAccount) {
  const { t } = useTranslation("console");
  const queries = useQueryClient();
  const tell = useTellError();
  return useMutation({
    mutationFn: () => api.POST("/v1/admin/engine_accounts/{account_id}/test", pathOf(account)),
    onSuccess: ({ data }) => {
      if (data?.works) notify(t("pool.works", { name: nameOf(data.account) }));
      else notify(t("pool.fails", { why: data?.problem ?? "" }), { bad: true });
      return queries.invalidateQueries();
    },
    onError: tell,
  });
}

/** Return how a dialog ends when its call succeeds, and how it tells that it failed. */
function useEnd(onDone: () => void) {
  const queries = useQueryClient();
  const tell = useTellError();
  const onSuccess = () => {
    onDone();
    return queries.invalidateQueries();
  };
  return { onSuccess, onError: tell };
}

function Change({ account, onDone }: { account: EngineAccount; onDone: () => void }) {
  const { t } = useTranslation("console");
  const [limits, setLimits] = useState<Limits>({
    label: account.label,
    videos: account.video_concurrency,
    images: account.image_concurrency,
  });
  const { label, videos, images } = limits;
  const save = useMutation({
    mutationFn: () =>
      api.PATCH("/v1/admin/engine_accounts/{account_id}", {
        ...pathOf(account),
        body: { label, video_concurrency: videos, image_concurrency: images },
      }),
    ...useEnd(onDone),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <AccountFields value={limits} onChange={(change) => setLimits({ ...limits, ...change })} />
        <Button type="submit" loading={save.isPending}>
          {t("pool.save")}
        </Button>
      </Stack>
    </form>
  );
}

function Remove({ account, onDone }: { account: EngineAccount; onDone: () => void }) {
  const { t } = useTranslation("console");
  const remove = useMutation({
    mutationFn: () => api.DELETE("/v1/admin/engine_accounts/{account_id}", pathOf(account)),
    ...useEnd(onDone),
  });
  return (
    <Stack>
      <Text size="sm">{t("pool.removeWhy")}</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone} data-autofocus>
          {t("cancel")}
        </Button>
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
          {t("pool.remove")}
        </Button>
      </Group>
    </Stack>
  );
}
