import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { KeyForm, type KeyDraft } from "../../keys/KeyForm";
import { useTellError } from "../../studio/gallery/useActions";
import { Secret } from "../../ui/Secret";
import { OperatorLimitFields } from "./OperatorLimitFields";
import { SCOPES, UNLIMITED_BY_OPERATORS } from "./operatorLimits";

/** Make a key for an account; its secret is shown this once. */
export function NewKey({ of }: { of: string }) {
  const { t } = useTranslation("console");
  const queries = useQueryClient();
  const tell = useTellError();
  const [account, setAccount] = useState(of);
  const [limits, setLimits] = useState(UNLIMITED_BY_OPERATORS);
  const create = useMutation({
    mutationFn: (draft: KeyDraft<(typeof SCOPES)[number]>) => api.POST("/v1/admin/keys", { body: { ...draft, ...limits, account } }),
    onSuccess: () => queries.invalidateQueries(),
    onError: tell,
  });
  if (create.data?.data) return <Secret value={create.data.data.secret} />;
  return (
    <KeyForm
      scopes={SCOPES}
      action={t("keys.create")}
      busy={create.isPending}
      onSubmit={(draft) => create.mutate(draft)}
      above={
        <TextInput
          label={t("keys.account")}
          required
          data-autofocus
          value={account}
          onChange={(event) => setAccount(event.currentTarget.value)}
        />
      }
      below={<OperatorLimitFields value={limits} onChange={(change) => setLimits({ ...limits, ...change })} />}
    />
  );
}
