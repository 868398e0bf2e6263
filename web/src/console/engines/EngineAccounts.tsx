import { Button, Modal, Switch } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDownload, IconPlus, IconUpload, IconUsersGroup } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { $api, api } from "../../api/client";
import type { components } from "../../api/schema";
import { useTellError } from "../../studio/gallery/useActions";
import { DataTable, type Column } from "../../ui/DataTable";
import { EmptyBox } from "../../ui/EmptyBox";
import { Loaded } from "../../ui/Loaded";
import { useNumbers } from "../../ui/numbers";
import { CURSOR, Pager } from "../../ui/Pager";
import { StatusMark, type Tone } from "../../ui/StatusMark";
import { usePlacePause } from "../place";
import { AccountMenu } from "./AccountMenu";
import { AddAccount } from "./AddAccount";
import { ExportAccounts } from "./ExportAccounts";
import { ImportAccounts } from "./ImportAccounts";
import classes from "./engines.module.css";

export type EngineAccount = components["schemas"]["AdminEngineAccount"];

const PAGE = 50;
const LIVE_MS = 10_000;

const TONES: Record<EngineAccount["state"], Tone> = {
  ready: "ok",
  cooldown: "busy",
  quarantined: "bad",
  disabled: "quiet",
};

/** The accounts at other servers that engines work with; `engines` are those that have any. */
export function EngineAccounts({ engines }: { engines: string[] }) {
  const { t } = useTranslation("console");
  const [search] = useSearchParams();
  const cursor = search.get(CURSOR);
  const params = { query: { limit: PAGE, ...(cursor && { cursor }) } };
  const found = $api.useQuery("get", "/v1/admin/engine_accounts", { params }, { refetchInterval: usePlacePause(LIVE_MS) });
  return (
    <section>
      <div className={classes.head}>
        <h2>{t("pool.title")}</h2>
        <Dialogs engines={engines} />
      </div>
      <Loaded query={found}>
        {(page) =>
          page.data.length === 0 ? (
            <EmptyBox icon={IconUsersGroup} title={t("pool.none")} text={t("pool.noneWhy", { engines: engines.join(", ") })} />
          ) : (
            <>
              <Accounts rows={page.data} />
              <Pager next={page.next_cursor} />
            </>
          )
        }
      </Loaded>
    </section>
  );
}

function Dialogs({ engines }: { engines: string[] }) {
  const { t } = useTranslation("console");
  const [adding, add] = useDisclosure();
  const [importing, bring] = useDisclosure();
  const [exporting, take] = useDisclosure();
  const close = { closeButtonProps: { "aria-label": t("close") } };
  return (
    <div className={classes.actions}>
      <Button variant="default" leftSection={<IconDownload size={17} />} onClick={take.open}>
        {t("pool.export")}
      </Button>
      <Button variant="default" leftSection={<IconUpload size={17} />} onClick={bring.open}>
        {t("pool.import")}
      </Button>
      <Button leftSection={<IconPlus size={17} />} onClick={add.open}>
        {t("pool.add")}
      </Button>
      <Modal opened={adding} onClose={add.close} title={t("pool.addTitle")} {...close}>
        <AddAccount engines={engines} onDone={add.close} />
      </Modal>
      <Modal opened={importing} onClose={bring.close} title={t("pool.importTitle")} {...close}>
        <ImportAccounts engines={engines} onDone={bring.close} />
      </Modal>
      <Modal opened={exporting} onClose={take.close} title={t("pool.exportTitle")} {...close}>
        <ExportAccounts engines={engines} onDone={take.close} />
      </Modal>
    </div>
  );
}

function Accounts({ rows }: { rows: EngineAccount[] }) {
  const { t } = useTranslation("console");
  const { count, time } = useNumbers();
  const columns: Column<EngineAccount>[] = [
    { name: t("pool.account"), cell: (one) => <Name account={one} />, long: true },
    { name: t("pool.engine"), cell: (one) => one.engine },
    {
      name: t("pool.state"),
      cell: (one) => <StatusMark tone={TONES[one.state]} text={t(`pool.states.${one.state}`)} />,
    },
    { name: t("pool.reason"), cell: (one) => one.reason ?? "–", long: true },
    { name: t("pool.plan"), cell: (one) => one.plan ?? "–" },
    { name: t("pool.left"), cell: (one) => (one.videos_left === null ? "–" : count(one.videos_left)), end: true },
    { name: t("pool.running"), cell: (one) => count(one.videos_running + one.images_running), end: true },
    { name: t("pool.used"), cell: (one) => (one.last_used_at === null ? "–" : time(one.last_used_at)) },
    { name: t("pool.enabled"), cell: (one) => <Enabled account={one} />, end: true },
    { name: t("pool.actions"), cell: (one) => <AccountMenu account={one} />, end: true },
  ];
  return <DataTable label={t("pool.title")} columns={columns} rows={rows} keyOf={(one) => one.id} />;
}

/** Return what an account is called. */
export function nameOf(account: EngineAccount): string {
  return account.email ?? (account.label || account.id.slice(0, 8));
}

function Name({ account }: { account: EngineAccount }) {
  const label = account.email !== null && account.label;
  return (
    <span>
      {nameOf(account)}
      {label && <span className={`quiet ${classes.label}`}>{label}</span>}
    </span>
  );
}

function Enabled({ account }: { account: EngineAccount }) {
  const { t } = useTranslation("console");
  const queries = useQueryClient();
  const tell = useTellError();
  const update = useMutation({
    mutationFn: (enabled: boolean) =>
      api.PATCH("/v1/admin/engine_accounts/{account_id}", { params: { path: { account_id: account.id } }, body: { enabled } }),
    onSuccess: () => queries.invalidateQueries(),
    onError: tell,
  });
  return (
    <Switch
      aria-label={t("pool.enable", { name: nameOf(account) })}
      checked={account.state !== "disabled"}
      disabled={update.isPending}
      onChange={(event) => update.mutate(event.currentTarget.checked)}
    />
  );
}
