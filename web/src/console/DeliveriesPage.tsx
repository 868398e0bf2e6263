import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { $api, api } from "../api/client";
import { DeliveryTable } from "../deliveries/DeliveryTable";
import { useTellError } from "../studio/gallery/useActions";
import { Loaded } from "../ui/Loaded";
import { notify } from "../ui/notices";
import { PageHead } from "../ui/PageHead";
import { CURSOR, Pager } from "../ui/Pager";

/** The webhooks and callbacks of all accounts. */
export function Page() {
  const { t } = useTranslation("console");
  const [search] = useSearchParams();
  const cursor = search.get(CURSOR);
  const resend = useResend();
  const found = $api.useQuery("get", "/v1/admin/deliveries", {
    params: { query: { limit: 50, ...(cursor && { cursor }) } },
  });
  return (
    <>
      <PageHead title={t("nav.deliveries")} />
      <Loaded query={found}>
        {(page) => (
          <>
            <DeliveryTable rows={page.data} resend={resend} />
            <Pager next={page.next_cursor} />
          </>
        )}
      </Loaded>
    </>
  );
}

function useResend(): (eventId: string) => void {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const tell = useTellError();
  return useMutation({
    mutationFn: (eventId: string) =>
      api.POST("/v1/admin/events/{event_id}/resend", { params: { path: { event_id: eventId } } }),
    onSuccess: () => {
      notify(t("deliveries.resent"));
      return queries.invalidateQueries();
    },
    onError: tell,
  }).mutate;
}
