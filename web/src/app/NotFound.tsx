import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useRouteError } from "react-router";
import { ErrorBox } from "../ui/ErrorBox";
import classes from "./frame.module.css";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <main id="main" className={classes.studio}>
      <ErrorBox title={t("notFound")} text={t("notFoundWhy")}>
        <Button component={Link} to="/studio">
          {t("toStudio")}
        </Button>
      </ErrorBox>
    </main>
  );
}

/** What is shown when the page itself failed, such as after an update of the server. */
export function Trouble() {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <main id="main" className={classes.studio}>
      <ErrorBox title={t("trouble")} text={error instanceof Error ? error.message : ""}>
        <Button onClick={() => window.location.reload()}>{t("reload")}</Button>
      </ErrorBox>
    </main>
  );
}
