import { Button, Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { $api } from "../../api/client";
import type { components } from "../../api/schema";
import { DataTable, type Column } from "../../ui/DataTable";
import { Facts } from "../../ui/Facts";
import { Loaded } from "../../ui/Loaded";
import { useNumbers } from "../../ui/numbers";
import { PageHead } from "../../ui/PageHead";
import { CURSOR, Pager } from "../../ui/Pager";
import { StatusMark } from "../../ui/StatusMark";
import classes from "../jobs/jobs.module.css";
import { PLANS, ROLES } from "./AccountsPage";
import { Credits } from "./Credits";
import { Invite } from "./Invite";
import { Profile } from "./Profile";
import { useUpdate } from "./useUpdate";

type Account = components["schemas"]["AdminAccount"];
type Entry = components["schemas"]["AdminLedgerEntry"];

/** One account: its credits, its plan, whether it may log in, and its ledger. */
export function Page() {
  const { name = "" } = useParams();
  const found = $api.useQuery("get", "/v1/admin/accounts/{name}", { params: { path: { name } } });
  return <Loaded query={found}>{(account) => <AccountView account={account} />}</Loaded>;
}

function AccountView({ account }: { account: Account }) {
  const { t } = useTranslation("console");
  const { count, time } = useNumbers();
  const update = useUpdate(account.name);
  return (
    <>
      <PageHead title={account.name} note={account.id}>
        <Button component={Link} to={`/console/keys?account=${encodeURIComponent(account.name)}`} variant="default">
          {t("nav.keys")}
        </Button>
        <Button component={Link} to={`/console/jobs?account=${encodeURIComponent(account.name)}`} variant="default">
          {t("accounts.jobs")}
        </Button>
        <Button
          color={account.banned ? "dawn" : "red"}
          variant={account.banned ? "filled" : "outline"}
          loading={update.isPending}
          onClick={() => update.mutate({ banned: !account.banned })}
        >
          {account.banned ? t("accounts.unban") : t("accounts.ban")}
        </Button>
      </PageHead>
      <div className={classes.grid}>
        <section className={`card ${classes.part}`}>
          <h2>{t("accounts.about")}</h2>
          <Facts
            rows={[
              [t("accounts.state"), <StatusMark key="state" tone={account.banned ? "bad" : "ok"} text={account.banned ? t("accounts.banned") : t("accounts.active")} />],
              [t("accounts.email"), account.email],
              [t("accounts.username"), account.username ?? "–"],
              [t("accounts.created"), time(account.created_at)],
              [t("accounts.balance"), account.balance === null ? t("accounts.unlimited") : count(account.balance)],
              [t("accounts.held"), count(account.held)],
              [t("accounts.spent"), count(account.spent)],
            ]}
          />
        </section>
        <section className={`card ${classes.part}`}>
          <h2>{t("accounts.change")}</h2>
          <Select
            mb="sm"
            label={t("accounts.plan")}
            data={[...PLANS]}
            allowDeselect={false}
            value={account.plan}
            onChange={(plan) => plan && update.mutate({ plan: plan as Account["plan"] })}
          />
          <Select
            mb="sm"
            label={t("accounts.role")}
            description={t("accounts.roleWhy")}
            data={ROLES.map((role) => ({ value: role, label: t(`accounts.roles.${role}`) }))}
            allowDeselect={false}
            value={account.role}
            disabled={update.isPending}
            onChange={(role) => role && update.mutate({ role: role as Account["role"] })}
          />
          {account.balance !== null && <Credits name={account.name} />}
        </section>
        <Profile account={account} />
        <Invite name={account.name} />
      </div>
      <Ledger name={account.name} />
    </>
  );
}

function Ledger({ name }: { name: string }) {
  const { t } = useTranslation("console");
  const { count, signed, time } = useNumbers();
  const [search] = useSearchParams();
  const cursor = search.get(CURSOR);
  const found = $api.useQuery("get", "/v1/admin/accounts/{name}/ledger", {
    params: { path: { name }, query: { limit: 20, ...(cursor && { cursor }) } },
  });
  const columns: Column<Entry>[] = [
    { name: t("ledger.time"), cell: (entry) => time(entry.created_at) },
    { name: t("ledger.kind"), cell: (entry) => t(`ledger.kinds.${entry.kind}`) },
    {
      name: t("ledger.job"),
      cell: (entry) => (entry.task_id ? <Link to={`/console/jobs/${entry.task_id}`}>{entry.task_id.slice(0, 8)}…</Link> : "–"),
    },
    { name: t("ledger.charged"), cell: (entry) => (entry.charged === null ? "–" : count(entry.charged)), end: true },
    { name: t("ledger.credits"), cell: (entry) => signed(entry.credits), end: true },
  ];
  return (
    <section>
      <h2>{t("ledger.title")}</h2>
      <Loaded query={found}>
        {(page) => (
          <>
            <DataTable label={t("ledger.title")} columns={columns} rows={page.data} keyOf={(entry) => entry.id} />
            <Pager next={page.next_cursor} />
          </>
        )}
      </Loaded>
    </section>
  );
}
