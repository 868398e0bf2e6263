import { Navigate, Outlet, useLocation, useNavigation } from "react-router";
import { lazy, Suspense } from "react";
import { Center, Loader } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSession } from "../session/session";
import { useMe } from "../session/me";
import { ErrorBox } from "../ui/ErrorBox";
import { ConsoleNav, StudioNav } from "./Navigation";
import { LiveUpdates } from "../api/live";
import classes from "./frame.module.css";

/** Loaded with the console: who makes videos does not need it. */
const PlaceUpdates = lazy(async () => ({ default: (await import("../console/place")).PlaceUpdates }));

/** One of the two areas, for those who are logged in; the console is for operators. */
export function Area({ name }: { name: "studio" | "console" }) {
  const session = useSession();
  const here = useLocation();
  if (session.kind === "starting") return <Waiting />;
  if (session.kind === "none") {
    const next = encodeURIComponent(here.pathname + here.search);
    return <Navigate to={`/login?next=${next}`} replace />;
  }
  return (
    <>
      <LiveUpdates />
      {name === "studio" ? <StudioArea /> : <ConsoleArea />}
    </>
  );
}

function StudioArea() {
  return (
    <>
      <StudioNav />
      <Main className={classes.studio} />
    </>
  );
}

function ConsoleArea() {
  const me = useMe();
  const { t } = useTranslation();
  if (me.isPending) return <Waiting />;
  if (!me.data?.operator) {
    return (
      <main id="main" className={classes.studio}>
        <ErrorBox title={t("operatorsOnly")} text={t("operatorsOnlyWhy")} />
      </main>
    );
  }
  return (
    <div className={classes.console}>
      <Suspense>
        <PlaceUpdates />
      </Suspense>
      <ConsoleNav />
      <Main className={classes.page} />
    </div>
  );
}

function Main({ className }: { className: string | undefined }) {
  const busy = useNavigation().state !== "idle";
  return (
    <main id="main" tabIndex={-1} className={className} aria-busy={busy}>
      <Outlet />
    </main>
  );
}

export function Waiting() {
  const { t } = useTranslation();
  return (
    <Center mih="60vh" component="main" id="main">
      <Loader aria-label={t("loading")} />
    </Center>
  );
}
