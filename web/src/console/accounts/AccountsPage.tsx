import { Button, Modal, NumberInput, Select, Stack, Switch, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconUsers } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { $api, api } from "../../api/client";
import type { components } from "../../api/schema";
import { useTellError } from "../../studio/gallery/useActions";
import { DataTable, type Column } from "../../ui/DataTable";
import { EmptyBox } from "../../ui/EmptyBox";
import { FilterBar } from "../../ui/FilterBar";
import { FilterSelect } from "../../ui/FilterSelect";
import { Loaded } from "../../ui/Loaded";
import { useNumbers } from "../../ui/numbers";
import { PageHead } from "../../ui/PageHead";
import { Pager } from "../../ui/Pager";
import { StatusMark } from "../../ui/StatusMark";
import { TypedFilter } from "../../ui/TypedFilter";
import { useFilters } from "../../ui/useFilters";

type Account = components["schemas"]["AdminAccount"];
export const PLANS = ["free", "plus", "pro", "team"] as const;
export const ROLES = ["user", "operator"] as const;
/** Orders of the list; without one the oldest come first. */
const SORTS = ["-created", "name", "-balance", "balance", "-spent"] as const;

/** All accounts: searched, filtered and sorted by the server. */
export function Page() {
  const { t } = useTranslation("console");
  const [opened, dialog] = useDisclosure();
  const { cursor, get, set } = useFilters();
  const [text, role, sort] = [get("q"), ROLES.find((one) => one === get("role")), SORTS.find((one) => one === get("sort"))];
  const query = { limit: 50, ...(cursor && { cursor }), ...(text && { q: text }), ...(role && { role }), ...(sort && { sort }) };
  const found = $api.useQuery("get", "/v1/admin/accounts", { params: { query } }, { placeholderData: (before) => before });
  return (
    <>
      <PageHead title={t("nav.accounts")}>
        <Button leftSection={<IconPlus size={17} />} onClick={dialog.open}>
          {t("accounts.new")}
        </Button>
      </PageHead>
      <FilterBar>
        <TypedFilter label={t("accounts.search")} value={text} onChange={(value) => set("q", value)} />
        <FilterSelect
          label={t("accounts.role")}
          value={role ?? ""}
          data={ROLES.map((one) => ({ value: one, label: t(`accounts.roles.${one}`) }))}
          onChange={(value) => set("role", value)}
        />
        <FilterSelect
          label={t("accounts.sort")}
          value={sort ?? ""}
          data={SORTS.map((one) => ({ value: one, label: t(`accounts.sorts.${one}`) }))}
          onChange={(value) => set("sort", value)}
        />
      </FilterBar>
      <Loaded query={found}>
        {(page) =>
          page.data.length === 0 ? (
            <EmptyBox icon={IconUsers} title={t("accounts.none")} text={t("accounts.noneWhy")} />
          ) : (
            <>
              <Accounts rows={page.data} />
              <Pager next={page.next_cursor} />
            </>
          )
        }
      </Loaded>
      <Modal opened={opened} onClose={dialog.close} title={t("accounts.new")} closeButtonProps={{ "aria-label": t("close") }}>
        <NewAccount onDone={dialog.close} />
      </Modal>
    </>
  );
}

function Accounts({ rows }: { rows: Account[] }) {
  const { t } = useTranslation("console");
  const { count, time } = useNumbers();
  const columns: Column<Account>[] = [
    {
      name: t("accounts.name"),
      cell: (one) => <Link to={`/console/accounts/${encodeURIComponent(one.name)}`}>{one.name}</Link>,
      long: true,
    },
    {
      name: t("accounts.state"),
      cell: (one) => <StatusMark tone={one.banned ? "bad" : "ok"} text={one.banned ? t("accounts.banned") : t("accounts.active")} />,
    },
    { name: t("accounts.role"), cell: (one) => t(`accounts.roles.${one.role}`) },
    { name: t("accounts.plan"), cell: (one) => one.plan },
    { name: t("accounts.balance"), cell: (one) => (one.balance === null ? t("accounts.unlimited") : count(one.balance)), end: true },
    { name: t("accounts.held"), cell: (one) => count(one.held), end: true },
    { name: t("accounts.spent"), cell: (one) => count(one.spent), end: true },
    { name: t("accounts.created"), cell: (one) => time(one.created_at) },
  ];
  return <DataTable label={t("nav.accounts")} columns={columns} rows={rows} keyOf={(one) => one.id} />;
}

function NewAccount({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("console");
  const queries = useQueryClient();
  const tell = useTellError();
  const [name, setName] = useState("");
  const [plan, setPlan] = useState<Account["plan"]>("free");
  const [credits, setCredits] = useState<number>(0);
  const [unlimited, setUnlimited] = useState(false);
  const create = useMutation({
    mutationFn: () =>
      api.POST("/v1/admin/accounts", { body: { name, plan, unlimited, ...(!unlimited && { credits }) } }),
    onSuccess: async () => {
      onDone();
      await queries.invalidateQueries();
    },
    onError: tell,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t("accounts.name")}
          description={t("accounts.nameRule")}
          pattern="[A-Za-z0-9][A-Za-z0-9._\-]{0,79}"
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label={t("accounts.plan")}
          data={[...PLANS]}
          allowDeselect={false}
          value={plan}
          onChange={(value) => setPlan((value ?? "free") as Account["plan"])}
        />
        <Switch
          label={t("accounts.unlimitedCredits")}
          checked={unlimited}
          onChange={(event) => setUnlimited(event.currentTarget.checked)}
        />
        {!unlimited && (
          <NumberInput
            label={t("accounts.credits")}
            min={0}
            allowDecimal={false}
            thousandSeparator
            value={credits}
            onChange={(value) => setCredits(Number(value) || 0)}
          />
        )}
        <Button type="submit" loading={create.isPending}>
          {t("accounts.create")}
        </Button>
      </Stack>
    </form>
  );
}
