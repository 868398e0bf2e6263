import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { components } from "../../api/schema";
import { notify } from "../../ui/notices";
import classes from "../jobs/jobs.module.css";
import { useUpdate } from "./useUpdate";

type Account = components["schemas"]["AdminAccount"];

/** How the person logs in: address, username, a new password. */
export function Profile({ account }: { account: Account }) {
  const { t } = useTranslation("console");
  const { t: common } = useTranslation();
  const [email, setEmail] = useState(account.email);
  const [username, setUsername] = useState(account.username ?? "");
  const [password, setPassword] = useState("");
  const update = useUpdate(account.name);
  const changed = {
    ...(email.trim() !== account.email && { email: email.trim() }),
    ...(username.trim() !== (account.username ?? "") && { username: username.trim() }),
    ...(password && { password }),
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate(changed, {
      onSuccess: () => {
        setPassword("");
        notify(t("profile.saved"));
      },
    });
  };
  return (
    <section className={`card ${classes.part}`}>
      <h2>{t("profile.title")}</h2>
      <form onSubmit={submit} autoComplete="off">
        <Stack gap="sm">
          <TextInput
            label={t("accounts.email")}
            type="email"
            autoComplete="off"
            required
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <TextInput
            label={t("accounts.username")}
            autoComplete="username"
            value={username}
            onChange={(event) => setUsername(event.currentTarget.value)}
          />
          <PasswordInput
            label={t("profile.password")}
            description={t("profile.passwordWhy")}
            visibilityToggleButtonProps={{ "aria-label": common("login.show") }}
            autoComplete="new-password"
            minLength={8}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={update.isPending} disabled={Object.keys(changed).length === 0}>
            {t("profile.save")}
          </Button>
        </Stack>
      </form>
    </section>
  );
}
