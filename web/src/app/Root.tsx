import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, ScrollRestoration } from "react-router";
import { Header } from "./Header";

/** The frame of every page. */
export function Root() {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = "Hinode";
  }, []);
  return (
    <>
      <a className="skip" href="#main">
        {t("skip")}
      </a>
      <Header />
      <Outlet />
      <ScrollRestoration />
    </>
  );
}
