import { Tabs } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { PageHead } from "../../ui/PageHead";
import { Deliveries } from "./Deliveries";
import { Keys } from "./Keys";
import { Ledger } from "./Ledger";
import { Security } from "./Security";
import { Usage } from "./Usage";
import { Webhooks } from "./Webhooks";
import classes from "./account.module.css";

const TABS = { usage: Usage, ledger: Ledger, keys: Keys, webhooks: Webhooks, deliveries: Deliveries, security: Security } as const;
type Tab = keyof typeof TABS;

/** The account's own things; each tab has an address. */
export function Page() {
  const { t } = useTranslation("studio");
  const navigate = useNavigate();
  const { tab = "usage" } = useParams();
  const shown: Tab = tab in TABS ? (tab as Tab) : "usage";
  const Shown = TABS[shown];
  return (
    <>
      <PageHead title={t("own.title")} />
      <Tabs value={shown} onChange={(next) => void navigate(`/studio/account/${next}`)}>
        <Tabs.List mb="md" className={classes.tabs}>
          {Object.keys(TABS).map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`own.tabs.${one as Tab}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={shown}>
          <Shown />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
