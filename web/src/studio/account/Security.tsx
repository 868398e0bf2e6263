import { Button, PasswordInput, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { $api, api } from "../../api/client";
import type { components } from "../../api/schema";
import { useMe } from "../../session/me";
import { DataTable, type Column } from "../../ui/DataTable";
import { Loaded } from "../../ui/Loaded";
import { notify } from "../../ui/notices";
import { useNumbers } from "../../ui/numbers";
import { useTellError } from "../gallery/useActions";
import { browserName } from "./browserName";
import classes from "./account.module.css";

type Session = components["schemas"]["OwnSession"];

/** The password, and where the account is logged in. */
export function Security() {
  const { t } = useTranslation("studio");
  const found = $api.useQuery("get", "/v1/me/sessions", {});
  return (
    <>
      <section className={`card ${classes.part}`}>
        <h2>{t("security.password")}</h2>
        <NewPassword />
      </section>
      <h2>{t("security.sessions")}</h2>
      <Loaded query={found}>{(page) => <Sessions rows={page.data} />}</Loaded>
    </>
  );
}

function NewPassword() {
  const { t } = useTranslation("studio");
  const tell = useTellError();
  const me = useMe();
  const change = useMutation({
    mutationFn: (body: { current_password: string | null; new_password: string }) => api.POST("/v1/me/password", { body }),
    onSuccess: () => void notify(t("security.changed")),
    onError: tell,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const current = String(given.get("current") ?? "");
    change.mutate({ current_password: current || null, new_password: String(given.get("new") ?? "") });
  };
  const show = { visibilityToggleButtonProps: { "aria-label": t("security.show") } };
  return (
    <form onSubmit={submit}>
      <Stack maw={420}>
        {/* Password managers keep the new password under it. */}
        <input type="text" name="username" autoComplete="username" value={me.data?.display_name ?? ""} readOnly hidden />
        <PasswordInput name="current" label={t("security.current")} description={t("security.currentWhy")} autoComplete="current-password" {...show} />
        <PasswordInput name="new" label={t("security.next")} autoComplete="new-password" minLength={8} required {...show} />
        <Button type="submit" loading={change.isPending} style={{ alignSelf: "start" }}>
          {t("security.change")}
        </Button>
      </Stack>
    </form>
  );
}

function Sessions({ rows }: { rows: Session[] }) {
  const { t } = useTranslation("studio");
  const { time } = useNumbers();
  const queries = useQueryClient();
  const tell = useTellError();
  const end = useMutation({
    mutationFn: (id: string) => api.DELETE("/v1/me/sessions/{session_id}", { params: { path: { session_id: id } } }),
    onSettled: () => queries.invalidateQueries(),
    onError: tell,
  });
  const columns: Column<Session>[] = [
    { name: t("security.client"), cell: (one) => <Client agent={one.client} />, long: true },
    { name: t("security.since"), cell: (one) => time(one.created_at) },
    { name: t("security.until"), cell: (one) => time(one.expires_at) },
    {
      name: t("actions"),
      cell: (one) =>
        one.current ? (
          t("security.here")
        ) : (
          <Button size="compact-sm" variant="default" onClick={() => end.mutate(one.id)}>
            {t("security.end")}
          </Button>
        ),
      end: true,
    },
  ];
  return <DataTable label={t("security.sessions")} columns={columns} rows={rows} keyOf={(one) => one.id} />;
}

/** The browser of a session; a program that is none is named as it named itself. */
function Client({ agent }: { agent: string }) {
  const { t } = useTranslation("studio");
  const { browser, system } = browserName(agent);
  if (browser === undefined) return agent || t("security.unknown");
  return <span title={agent}>{system ? t("security.on", { browser, system }) : browser}</span>;
}
