import {
  IconChartBar,
  IconCoins,
  IconCpu,
  IconCube,
  IconHistory,
  IconKey,
  IconListDetails,
  IconMovie,
  IconSend,
  IconServer,
  IconTimeline,
  IconUsers,
  IconWorld,
  type Icon,
} from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, useLocation } from "react-router";
import classes from "./frame.module.css";

interface Entry {
  to: string;
  icon: Icon;
  text: string;
  end?: boolean;
}

function Links({ entries }: { entries: Entry[] }) {
  return entries.map(({ to, icon: Picture, text, end }) => (
    <NavLink key={to} to={to} end={end ?? false} className={classes.tab}>
      <Picture size={19} stroke={1.7} aria-hidden />
      <span>{text}</span>
    </NavLink>
  ));
}

export function StudioNav() {
  const { t } = useTranslation("studio");
  const entries: Entry[] = [
    { to: "/studio", icon: IconMovie, text: t("nav.create"), end: true },
    { to: "/studio/storyboard", icon: IconTimeline, text: t("nav.storyboard") },
    { to: "/studio/characters", icon: IconUsers, text: t("nav.characters") },
    { to: "/studio/posts", icon: IconWorld, text: t("nav.posts") },
  ];
  return (
    <nav className={classes.tabs} aria-label={t("nav.label")}>
      <Links entries={entries} />
    </nav>
  );
}

/** The pages of the console; where they are in one line, the shown page's is brought into view. */
export function ConsoleNav() {
  const { t } = useTranslation("console");
  const { pathname } = useLocation();
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    place.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);
  const entries: Entry[] = [
    { to: "/console", icon: IconChartBar, text: t("nav.overview"), end: true },
    { to: "/console/jobs", icon: IconListDetails, text: t("nav.jobs") },
    { to: "/console/accounts", icon: IconUsers, text: t("nav.accounts") },
    { to: "/console/usage", icon: IconCoins, text: t("nav.usage") },
    { to: "/console/keys", icon: IconKey, text: t("nav.keys") },
    { to: "/console/engines", icon: IconCpu, text: t("nav.engines") },
    { to: "/console/models", icon: IconCube, text: t("nav.models") },
    { to: "/console/deliveries", icon: IconSend, text: t("nav.deliveries") },
    { to: "/console/system", icon: IconServer, text: t("nav.system") },
    { to: "/console/audit", icon: IconHistory, text: t("nav.audit") },
  ];
  return (
    <nav ref={place} className={classes.side} aria-label={t("nav.label")}>
      <Links entries={entries} />
    </nav>
  );
}

