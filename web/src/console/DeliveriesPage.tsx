import { useTranslation } from "react-i18next";
import { $api } from "../api/client";
import { DeliveryTable } from "../deliveries/DeliveryTable";
import { useResend } from "../deliveries/useResend";
import { FilterBar } from "../ui/FilterBar";
import { FilterSelect } from "../ui/FilterSelect";
import { Loaded } from "../ui/Loaded";
import { PageHead } from "../ui/PageHead";
import { Pager } from "../ui/Pager";
import { TypedFilter } from "../ui/TypedFilter";
import { useFilters } from "../ui/useFilters";

const STATES = ["pending", "delivered", "failed", "dropped"] as const;

/** The webhooks and callbacks of all accounts. */
export function Page() {
  const { t } = useTranslation("console");
  const { t: common } = useTranslation();
  const { cursor, get, set } = useFilters();
  const [status, account] = [STATES.find((one) => one === get("status")), get("account")];
  const resend = useResend("admin");
  const query = { limit: 50, ...(cursor && { cursor }), ...(status && { status }), ...(account && { account }) };
  const found = $api.useQuery("get", "/v1/admin/deliveries", { params: { query } }, { placeholderData: (before) => before });
  return (
    <>
      <PageHead title={t("nav.deliveries")} />
      <FilterBar>
        <FilterSelect
          label={t("keys.state")}
          value={status ?? ""}
          data={STATES.map((one) => ({ value: one, label: common(`deliveries.states.${one}`) }))}
          onChange={(value) => set("status", value)}
        />
        <TypedFilter label={t("keys.account")} value={account} onChange={(value) => set("account", value)} />
      </FilterBar>
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
