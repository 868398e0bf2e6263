import { Button, Group, Modal, NumberInput, Select, Stack, Switch, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { $api, api } from "../../api/client";
import type { components } from "../../api/schema";
import { useTellError } from "../../studio/gallery/useActions";
import { DataTable, type Column } from "../../ui/DataTable";
import { Loaded } from "../../ui/Loaded";
import { useNumbers } from "../../ui/numbers";
import { PageHead } from "../../ui/PageHead";
import { CURSOR, Pager } from "../../ui/Pager";
import { StatusMark } from "../../ui/StatusMark";
import { TypedFilter } from "../../ui/TypedFilter";

type Account = components["schemas"]["AdminAccount"];
export const PLANS = ["free", "plus", "pro", "team"] as const;
export const ROLES = ["user", "operator"] as const;

export function Page() {
  const { t } = useTranslation("console");
  const [search, setSearch] = useSearchParams();
  const [opened, dialog] = useDisclosure();
  const cursor = search.get(CURSOR);
  const text = search.get("q") ?? "";
  const role = ROLES.find((one) => one === search.get("role")) ?? null;
  const set = (name: string, value: string) => setSearch(changed(search, name, value), { replace: true });
  const found = $api.useQuery("get", "/v1/admin/accounts", {
    params: { query: { limit: 50, ...(cursor && { cursor }), ...(text && { q: text }), ...(role && { role }) } },
  });
  return (
    <>
      <PageHead title={t("nav.accounts")}>
        <Button leftSection={<IconPlus size={17} />} onClick={dialog.open}>
          {t("accounts.new")}
        </Button>
      </PageHead>
      <Group gap="sm" mb="md">
        <TypedFilter label={t("accounts.search")} value={text} onChange={(value) => set("q", value)} />
        <Select
          aria-label={t("accounts.role")}
          placeholder={t("accounts.role")}
          clearable
          clearButtonProps={{ "aria-label": t("clear") }}
          data={ROLES.map((one) => ({ value: one, label: t(`accounts.roles.${one}`) }))}
          value={role}
          onChange={(value) => set("role", value ?? "")}
        />
      </Group>
      <Loaded query={found}>
        {(page) => (
          <>
            <Accounts rows={page.data} />
            <Pager next={page.next_cursor} />
          </>
        )}
      </Loaded>
      <Modal opened={opened} onClose={dialog.close} title={t("accounts.new")} closeButtonProps={{ "aria-label": t("close") }}>
        <NewAccount onDone={dialog.close} />
      </Modal>
    </>
  );
}

/** Return the address's parameters with another filter, at the first page. */
function changed(search: URLSearchParams, name: string, value: string): URLSearchParams {
  const next = new URLSearchParams(search);
  next.delete(CURSOR);
  if (value) next.set(name, value);
  else next.delete(name);
  return next;
}

function Accounts({ rows }: { rows: Account[] }) {
  const { t } = useTranslation("console");
  const { count, time } = useNumbers();
  const columns: Column<Account>[] = [
    {
      name: t("accounts.name"),
      cell: (one) => <Link to={`/console/accounts/${encodeURIComponent(one.name)}`}>{one.name}</Link>,
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
