import { useSearchParams } from "react-router";
import { $api } from "../../api/client";
import { DeliveryTable } from "../../deliveries/DeliveryTable";
import { useResend } from "../../deliveries/useResend";
import { Loaded } from "../../ui/Loaded";
import { CURSOR, Pager } from "../../ui/Pager";

/** What was sent to the account's webhooks. */
export function Deliveries() {
  const [search] = useSearchParams();
  const cursor = search.get(CURSOR);
  const resend = useResend("me");
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
