import { Button, Group, NumberInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { useTellError } from "../../studio/gallery/useActions";
import { notify } from "../../ui/notices";
import { randomId } from "../../ui/randomId";

/** Add credits to an account, or take some away. */
export function Credits({ name }: { name: string }) {
  const { t } = useTranslation("console");
  const queries = useQueryClient();
  const tell = useTellError();
  const [credits, setCredits] = useState<number | "">("");
  const change = useMutation({
    mutationFn: ({ kind, amount }: { kind: "grants" | "debits"; amount: number }) =>
      api.POST(`/v1/admin/accounts/{name}/${kind}`, {
        params: { path: { name }, header: { "Idempotency-Key": randomId() } },
        body: { credits: amount },
      }),
    onSuccess: async (_, { kind }) => {
      notify(t(`accounts.done.${kind}`));
      setCredits("");
      await queries.invalidateQueries();
    },
    onError: tell,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (credits) change.mutate({ kind: "grants", amount: credits });
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <NumberInput
          flex={1}
          label={t("accounts.grant")}
          min={1}
          allowDecimal={false}
          thousandSeparator
          value={credits}
          onChange={(value) => setCredits(Number(value) || "")}
        />
        <Button type="submit" loading={change.isPending} disabled={!credits}>
          {t("accounts.add")}
        </Button>
        <Button
          variant="default"
          disabled={!credits || change.isPending}
          onClick={() => credits && change.mutate({ kind: "debits", amount: credits })}
        >
          {t("accounts.take")}
        </Button>
      </Group>
    </form>
  );
}
