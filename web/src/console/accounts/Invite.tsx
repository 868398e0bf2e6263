import { Button, Code, Group } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { $api, api } from "../../api/client";
import { useTellError } from "../../studio/gallery/useActions";
import { copyText } from "../../ui/copy";
import { Loaded } from "../../ui/Loaded";
import { notify } from "../../ui/notices";
import { useNumbers } from "../../ui/numbers";
import classes from "../jobs/jobs.module.css";

/** The code of an account by which others sign up. */
export function Invite({ name }: { name: string }) {
  const { t } = useTranslation("console");
  const { t: common } = useTranslation();
  const { count } = useNumbers();
  const queries = useQueryClient();
  const found = $api.useQuery("get", "/v1/admin/accounts/{name}/invite", { params: { path: { name } } });
  const renew = useMutation({
    mutationFn: () => api.POST("/v1/admin/accounts/{name}/invite", { params: { path: { name } } }),
    onSuccess: () => queries.invalidateQueries(),
    onError: useTellError(),
  });
  const copy = async (code: string) => notify(common((await copyText(code)) ? "copied" : "notCopied"));
  return (
    <section className={`card ${classes.part}`}>
      <h2>{t("invite.title")}</h2>
      <p className="quiet">{t("invite.why")}</p>
      <Loaded query={found}>
        {(invite) => (
          <Group justify="space-between">
            <div>
              <Code fz="md">{invite.code}</Code>
              <p className={`quiet figures ${classes.under}`}>
                {t("invite.used", { used: count(invite.redeemed), total: count(invite.total) })}
              </p>
            </div>
            <Group gap="xs">
              <Button variant="default" loading={renew.isPending} onClick={() => renew.mutate()}>
                {t("invite.renew")}
              </Button>
              <Button variant="default" leftSection={<IconCopy size={17} />} onClick={() => void copy(invite.code)}>
                {common("copy")}
              </Button>
            </Group>
          </Group>
        )}
      </Loaded>
    </section>
  );
}
