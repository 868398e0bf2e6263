import { Button, Stack, TextInput } from "@mantine/core";
import { useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LimitFields } from "./LimitFields";
import { limitsOf, UNLIMITED, type Limits } from "./limits";
import { ScopeChoice } from "./ScopeChoice";

export interface KeyDraft<Scope extends string> extends Limits {
  name: string;
  scopes: Scope[];
}

/** Those that a new key has unless others are chosen. */
export const USUAL_SCOPES = ["videos", "images", "chat", "tasks", "sora"] as const;

interface Props<Scope extends string> {
  /** The key that is changed; without one, a key is made. */
  start?: KeyDraft<Scope>;
  scopes: readonly Scope[];
  action: string;
  busy: boolean;
  onSubmit: (draft: KeyDraft<Scope>) => void;
  above?: ReactNode;
  below?: ReactNode;
}

/** What a key is called and what it may do; nothing is limited unless something is typed. */
export function KeyForm<Scope extends string>({ start, scopes, action, busy, onSubmit, above, below }: Props<Scope>) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<KeyDraft<Scope>>(() => draftOf(start, scopes));
  const set = (change: Partial<KeyDraft<Scope>>) => setDraft((now) => ({ ...now, ...change }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit(draft);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {above}
        <TextInput
          label={t("limits.name")}
          description={t("limits.nameWhy")}
          required
          maxLength={80}
          data-autofocus={above === undefined || undefined}
          value={draft.name}
          onChange={(event) => set({ name: event.currentTarget.value } as Partial<KeyDraft<Scope>>)}
        />
        <ScopeChoice scopes={scopes} value={draft.scopes} onChange={(chosen) => set({ scopes: chosen } as Partial<KeyDraft<Scope>>)} />
        <LimitFields value={draft} onChange={(change) => set(change as Partial<KeyDraft<Scope>>)} />
        {below}
        <Button type="submit" loading={busy} disabled={draft.scopes.length === 0}>
          {action}
        </Button>
      </Stack>
    </form>
  );
}

function draftOf<Scope extends string>(start: KeyDraft<Scope> | undefined, scopes: readonly Scope[]): KeyDraft<Scope> {
  if (start) return { ...limitsOf(start), name: start.name, scopes: start.scopes };
  const usual: readonly string[] = USUAL_SCOPES;
  return { ...UNLIMITED, name: "", scopes: scopes.filter((one) => usual.includes(one)) };
}
