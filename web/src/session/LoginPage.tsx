import { Anchor, Button, Divider, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useSearchParams } from "react-router";
import { asApiError } from "../api/errors";
import { useErrorText } from "../ui/errorText";
import mark from "../ui/sunrise.svg";
import { accessBy, logInOptions, type LogInOptions } from "./renewal";
import { SingleSignOnButton, useSignOnFailure } from "./SingleSignOn";
import { enter, enterWithKey, useSession } from "./session";
import { takeLinkSecret } from "./loginLink";
import classes from "./login.module.css";

type Way = "password" | "signup" | "key";

// Taken when the module is loaded: before the address is kept by anything.
const linkSecret = takeLinkSecret();

export function LoginPage() {
  const { t } = useTranslation();
  const session = useSession();
  const [search] = useSearchParams();
  const [way, setWay] = useState<Way>("password");
  const options = useOptions();
  const link = useLink();
  const signOnFailure = useSignOnFailure();
  const next = inApp(search.get("next"));
  const password = options?.password !== false;
  const signOn = options?.single_sign_on;
  if (session.kind === "key" || session.kind === "account") {
    return <Navigate to={next} replace />;
  }
  return (
    <main id="main" className={classes.page}>
      <Paper className={`card ${classes.card}`} p={{ base: "lg", xs: 36 }}>
        <img src={mark} alt="" className={classes.mark} />
        <Title order={1} fz="1.5rem" ta="center">
          {way === "signup" ? t("login.signUp") : t("login.title")}
        </Title>
        <Text ta="center" c="dimmed" mb="lg" size="sm" role="status">
          {link.busy
            ? t("login.byLink")
            : (link.error ?? signOnFailure ?? (ended(session) ? t("login.ended") : t("login.why")))}
        </Text>
        {signOn && <SingleSignOnButton option={signOn} next={next} />}
        {signOn && way === "password" && password && <Divider my="md" label={t("login.or")} />}
        {way === "password" && password && <PasswordForm />}
        {way === "signup" && <SignUpForm invite={options?.signup === "invite"} />}
        {way === "key" && <KeyForm />}
        <Stack gap={6} mt="lg" align="center">
          {way !== "password" && password && <Way to="password" text={t("login.withPassword")} set={setWay} />}
          {way !== "key" && <Way to="key" text={t("login.withKey")} set={setWay} />}
          {way !== "signup" && options && options.signup !== "off" && (
            <Way to="signup" text={t("login.noAccount")} set={setWay} />
          )}
        </Stack>
        <Text size="xs" c="dimmed" ta="center" mt="md">
          {t("login.hint")} <code className={classes.code}>hinode login-link</code>
        </Text>
      </Paper>
    </main>
  );
}

function ended(session: ReturnType<typeof useSession>): boolean {
  return session.kind === "none" && session.ended;
}

/** Only addresses of this app are gone to after the log-in. */
function inApp(next: string | null): string {
  return next && /^\/(studio|console)(\/|\?|$)/.test(next) ? next : "/studio";
}

function Way({ to, text, set }: { to: Way; text: string; set: (way: Way) => void }) {
  return (
    <Anchor component="button" type="button" size="sm" onClick={() => set(to)}>
      {text}
    </Anchor>
  );
}

function useOptions(): LogInOptions | undefined {
  return useQuery({ queryKey: ["log-in options"], queryFn: logInOptions }).data;
}

/** Log in by the link that the page was opened with, once. */
function useLink(): { busy: boolean; error: string | null } {
  const describe = useErrorText();
  const [state, setState] = useState<{ busy: boolean; error: string | null }>({
    busy: linkSecret !== null,
    error: null,
  });
  const used = useRef(false);
  useEffect(() => {
    if (linkSecret === null || used.current) return;
    used.current = true;
    accessBy("link", { token: linkSecret })
      .then((access) => enter(access.token, access.seconds))
      .catch((error: unknown) => setState({ busy: false, error: describe(asApiError(error)) }));
  }, [describe]);
  return state;
}

function useLogIn(step: string) {
  const describe = useErrorText();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const submit = (fields: string[]) => (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const given = fields.map((name) => [name, String(form.get(name) ?? "")] as const);
    setBusy(true);
    accessBy(step, Object.fromEntries(given.filter(([, value]) => value)))
      .then((access) => enter(access.token, access.seconds))
      .catch((failed: unknown) => setError(describe(asApiError(failed))))
      .finally(() => setBusy(false));
  };
  return { busy, error, submit };
}

function PasswordForm() {
  const { t } = useTranslation();
  const { busy, error, submit } = useLogIn("login");
  return (
    <form onSubmit={submit(["username", "password"])}>
      <Stack>
        <TextInput name="username" label={t("login.username")} autoComplete="username" required />
        <PasswordInput
          name="password"
          label={t("login.password")}
          autoComplete="current-password"
          required
          error={error}
          visibilityToggleButtonProps={{ "aria-label": t("login.show") }}
        />
        <Button type="submit" loading={busy} size="md">
          {t("login.enter")}
        </Button>
      </Stack>
    </form>
  );
}

function SignUpForm({ invite }: { invite: boolean }) {
  const { t } = useTranslation();
  const { busy, error, submit } = useLogIn("signup");
  return (
    <form onSubmit={submit(["email", "password", "username", "invite_code"])}>
      <Stack>
        <TextInput name="email" type="email" label={t("login.email")} autoComplete="email" required />
        <PasswordInput
          name="password"
          label={t("login.newPassword")}
          autoComplete="new-password"
          minLength={8}
          required
          error={error}
          visibilityToggleButtonProps={{ "aria-label": t("login.show") }}
        />
        {invite && <TextInput name="invite_code" label={t("login.invite")} required />}
        <Button type="submit" loading={busy} size="md">
          {t("login.create")}
        </Button>
      </Stack>
    </form>
  );
}

/** A key stays in the page's memory: reloading the page forgets it. */
function KeyForm() {
  const { t } = useTranslation();
  const [secret, setSecret] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (secret.trim()) enterWithKey(secret.trim());
      }}
    >
      <Stack>
        <PasswordInput
          label={t("login.key")}
          description={t("login.keyWhy")}
          placeholder="sk-…"
          autoComplete="off"
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": t("login.show") }}
          required
        />
        <Button type="submit" size="md">
          {t("login.enter")}
        </Button>
      </Stack>
    </form>
  );
}
