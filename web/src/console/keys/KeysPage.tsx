import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { $api } from "../../api/client";
import { LimitList, type Fact } from "../../keys/LimitList";
import { DataTable, type Column } from "../../ui/DataTable";
import { EmptyBox } from "../../ui/EmptyBox";
import { FilterBar } from "../../ui/FilterBar";
import { Loaded } from "../../ui/Loaded";
import { useNumbers } from "../../ui/numbers";
import { PageHead } from "../../ui/PageHead";
import { Pager } from "../../ui/Pager";
import { StatusMark, type Tone } from "../../ui/StatusMark";
import { TypedFilter } from "../../ui/TypedFilter";
import { useFilters } from "../../ui/useFilters";
import { KeyMenu } from "./KeyMenu";
import { NewKey } from "./NewKey";
import type { Key } from "./operatorLimits";

/** The API keys of all accounts or of one, without their secrets. */
export function Page() {
  const { t } = useTranslation("console");
  const { cursor, get, set } = useFilters();
  const [opened, dialog] = useDisclosure();
  const account = get("account");
  const query = { limit: 50, ...(cursor && { cursor }), ...(account && { account }) };
  const found = $api.useQuery("get", "/v1/admin/keys", { params: { query } }, { placeholderData: (before) => before });
  return (
    <>
      <PageHead title={t("nav.keys")}>
        <Button leftSection={<IconPlus size={17} />} onClick={dialog.open}>
          {t("keys.new")}
        </Button>
      </PageHead>
      <FilterBar>
        <TypedFilter label={t("keys.account")} value={account} onChange={(value) => set("account", value)} />
      </FilterBar>
      <Loaded query={found}>
        {(page) => (
          <>
            <Keys rows={page.data} />
            <Pager next={page.next_cursor} />
          </>
        )}
      </Loaded>
      <Modal opened={opened} onClose={dialog.close} title={t("keys.new")} closeButtonProps={{ "aria-label": t("close") }}>
        <NewKey of={account} />
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
  const { count } = useNumbers();
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
    { name: t("keys.limits"), cell: (key) => <OperatorLimitList of={key} />, long: true },
    { name: t("keys.spent"), cell: (key) => count(key.spent), end: true },
    { name: t("keys.actions"), cell: (key) => <KeyMenu apiKey={key} />, end: true },
  ];
  if (rows.length === 0) return <EmptyBox icon={IconKey} title={t("keys.noneYet")} text={t("keys.noneYetWhy")} />;
  return <DataTable label={t("nav.keys")} columns={columns} rows={rows} keyOf={(key) => key.id} />;
}

function OperatorLimitList({ of: key }: { of: Key }) {
  const { t } = useTranslation("console");
  const more: Fact[] = [];
  if (key.max_priority !== "normal") more.push([t("keys.priority"), t(`priorities.${key.max_priority}`)]);
  if (key.local_only) more.push([t("keys.local")]);
  return <LimitList of={key} more={more} />;
}
