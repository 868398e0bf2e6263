import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconSend, IconTrash, IconWebhook } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { $api, api } from "../../api/client";
import type { components } from "../../api/schema";
import { EmptyBox } from "../../ui/EmptyBox";
import { Loaded } from "../../ui/Loaded";
import { notify } from "../../ui/notices";
import { Secret } from "../../ui/Secret";
import { StatusMark } from "../../ui/StatusMark";
import { useTellError } from "../gallery/useActions";
import classes from "./account.module.css";

type Endpoint = components["schemas"]["WebhookEndpoint"];

/** Where programs are told about ended videos. */
export function Webhooks() {
  const { t } = useTranslation("studio");
  const [opened, dialog] = useDisclosure();
  const found = $api.useQuery("get", "/v1/webhook_endpoints", { params: { query: { limit: 100 } } });
  return (
    <>
      <Group justify="space-between" mb="md">
        <span className="quiet">{t("hooks.why")}</span>
        <Button leftSection={<IconPlus size={17} />} onClick={dialog.open}>
          {t("hooks.new")}
        </Button>
      </Group>
      <Loaded query={found}>
        {(list) =>
          list.data.length === 0 ? (
            <EmptyBox icon={IconWebhook} title={t("hooks.none")} text={t("hooks.noneWhy")} />
          ) : (
            list.data.map((one) => <EndpointCard key={one.id} endpoint={one} />)
          )
        }
      </Loaded>
      <Modal opened={opened} onClose={dialog.close} title={t("hooks.new")} closeButtonProps={{ "aria-label": t("close") }}>
        <NewEndpoint />
      </Modal>
    </>
  );
}

function EndpointCard({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useTranslation("studio");
  const queries = useQueryClient();
  const tell = useTellError();
  const [asking, sure] = useDisclosure();
  const path = { webhook_endpoint_id: endpoint.id };
  const test = useMutation({
    mutationFn: () => api.POST("/v1/webhook_endpoints/{webhook_endpoint_id}/test", { params: { path }, body: { event_type: "video.completed" } }),
    onSuccess: () => notify(t("hooks.tested")),
    onError: tell,
  });
  const remove = useMutation({
    mutationFn: () => api.DELETE("/v1/webhook_endpoints/{webhook_endpoint_id}", { params: { path } }),
    onSuccess: () => queries.invalidateQueries(),
    onError: tell,
  });
  return (
    <article className={`card ${classes.row}`}>
      <div className={classes.texts}>
        <strong>{endpoint.name}</strong> {!endpoint.enabled && <StatusMark tone="bad" text={t("hooks.off")} />}
        <p>
          <code>{endpoint.url}</code>
        </p>
        <p className="quiet">{endpoint.disabled_reason ?? endpoint.event_types.join(", ")}</p>
      </div>
      <Group gap="xs">
        <Button size="compact-md" variant="default" leftSection={<IconSend size={15} />} loading={test.isPending} onClick={() => test.mutate()}>
          {t("hooks.test")}
        </Button>
        <Button size="compact-md" variant="default" leftSection={<IconTrash size={15} />} onClick={sure.open}>
          {t("do.delete")}
        </Button>
        <Modal opened={asking} onClose={sure.close} title={t("hooks.deleteSure", { name: endpoint.name })} closeButtonProps={{ "aria-label": t("close") }}>
          <p>{t("hooks.deleteWhy")}</p>
          <Button color="red" fullWidth loading={remove.isPending} onClick={() => remove.mutate()}>
            {t("do.delete")}
          </Button>
        </Modal>
      </Group>
    </article>
  );
}

function NewEndpoint() {
  const { t } = useTranslation("studio");
  const queries = useQueryClient();
  const tell = useTellError();
  const [url, setUrl] = useState("");
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: () =>
      api.POST("/v1/webhook_endpoints", { body: { name, url, event_types: ["video.completed", "video.failed"] } }),
    onSuccess: () => queries.invalidateQueries(),
    onError: tell,
  });
  const secret = create.data?.data?.signing_secret;
  if (secret) return <Secret value={secret} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label={t("hooks.name")} required data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput type="url" label={t("hooks.url")} placeholder="https://" required value={url} onChange={(event) => setUrl(event.currentTarget.value)} />
        <Button type="submit" loading={create.isPending}>
          {t("hooks.create")}
        </Button>
      </Stack>
    </form>
  );
}
