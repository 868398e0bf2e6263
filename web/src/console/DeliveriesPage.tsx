import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { $api } from "../api/client";
import { DeliveryTable } from "../deliveries/DeliveryTable";
import { useResend } from "../deliveries/useResend";
import { Loaded } from "../ui/Loaded";
import { PageHead } from "../ui/PageHead";
import { CURSOR, Pager } from "../ui/Pager";

/** The webhooks and callbacks of all accounts. */
export function Page() {
  const { t } = useTranslation("console");
  const [search] = useSearchParams();
  const cursor = search.get(CURSOR);
  const resend = useResend("admin");
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
