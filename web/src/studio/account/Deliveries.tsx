import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { $api, api } from "../../api/client";
import { DeliveryTable } from "../../deliveries/DeliveryTable";
import { Loaded } from "../../ui/Loaded";
import { notify } from "../../ui/notices";
import { CURSOR, Pager } from "../../ui/Pager";
import { useTellError } from "../gallery/useActions";

/** What was sent to the account's webhooks. */
export function Deliveries() {
  const [search] = useSearchParams();
  const cursor = search.get(CURSOR);
  const resend = useResend();
  const found = $api.useQuery("get", "/v1/me/deliveries", {
    params: { query: { limit: 50, ...(cursor && { cursor }) } },
  });
  return (
    <Loaded query={found}>
      {(page) => (
        <>
          <DeliveryTable rows={page.data} resend={resend} />
          <Pager next={page.next_cursor} />
        </>
      )}
    </Loaded>
  );
}

function useResend(): (eventId: string) => void {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const tell = useTellError();
  return useMutation({
    mutationFn: (eventId: string) =>
      api.POST("/v1/me/events/{event_id}/resend", { params: { path: { event_id: eventId } } }),
    onSuccess: () => {
      notify(t("deliveries.resent"));
      return queries.invalidateQueries();
    },
    onError: tell,
  }).mutate;
}
