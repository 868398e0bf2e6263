import { ActionIcon, Badge, Menu, Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import {
  IconCoins,
  IconKey,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconMovie,
  IconSettings,
  IconSun,
  IconUserCircle,
  IconWebhook,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, NavLink } from "react-router";
import { LANGUAGES, speak, type Language } from "../i18n";
import { logOut } from "../session/logOut";
import { useMe } from "../session/me";
import { useSession } from "../session/session";
import { useNumbers } from "../ui/numbers";
import mark from "../ui/sunrise.svg";
import classes from "./frame.module.css";

export function Header() {
  const session = useSession();
  const entered = session.kind === "key" || session.kind === "account";
  return (
    <header className={classes.header}>
      <Link to="/studio" className={classes.brand} aria-label="Hinode">
        <img src={mark} alt="" />
        <span>Hinode</span>
      </Link>
      {entered && <Areas />}
      <div className={classes.tools}>
        {entered && <Credits />}
        <LanguageMenu />
        <Scheme />
        {entered && <Account />}
      </div>
    </header>
  );
}

function Areas() {
  const { t } = useTranslation();
  const me = useMe();
  if (!me.data?.operator) return null;
  return (
    <nav className={classes.areas} aria-label={t("areas")}>
      <NavLink to="/studio" className={classes.tab} aria-label={t("studio")}>
        <IconMovie size={18} stroke={1.7} aria-hidden />
        <span>{t("studio")}</span>
      </NavLink>
      <NavLink to="/console" className={classes.tab} aria-label={t("console")}>
        <IconSettings size={18} stroke={1.7} aria-hidden />
        <span>{t("console")}</span>
      </NavLink>
    </nav>
  );
}

function Credits() {
  const { t } = useTranslation();
  const { count } = useNumbers();
  const me = useMe();
  if (!me.data) return null;
  const { balance } = me.data.credits;
  const shown = balance === null ? t("unlimited") : count(balance);
  return (
    <Tooltip label={t("creditsLeft")}>
      <Badge
        component={Link}
        to="/studio/account/usage"
        size="lg"
        variant="default"
        radius="md"
        tt="none"
        fw={550}
        className="figures"
        leftSection={<IconCoins size={15} aria-hidden />}
        aria-label={`${t("creditsLeft")}: ${shown}`}
      >
        {balance === null ? "∞" : shown}
      </Badge>
    </Tooltip>
  );
}

function LanguageMenu() {
  const { t, i18n } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size="lg" aria-label={t("language")}>
          <IconLanguage size={20} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <Menu.Item
            key={code}
            lang={code}
            aria-current={i18n.language === code}
            onClick={() => void speak(code as Language)}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Scheme() {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  return (
    <ActionIcon
      size="lg"
      aria-label={dark ? t("light") : t("dark")}
      onClick={() => setColorScheme(dark ? "light" : "dark")}
    >
      {dark ? <IconSun size={20} stroke={1.7} /> : <IconMoon size={20} stroke={1.7} />}
    </ActionIcon>
  );
}

function Account() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon size="lg" aria-label={t("account")}>
          <IconUserCircle size={22} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {me.data && <Menu.Label c="dimmed">{me.data.display_name}</Menu.Label>}
        <Menu.Item component={Link} to="/studio/account/usage" leftSection={<IconCoins size={17} />}>
          {t("usage")}
        </Menu.Item>
        <Menu.Item component={Link} to="/studio/account/keys" leftSection={<IconKey size={17} />}>
          {t("keys")}
        </Menu.Item>
        <Menu.Item component={Link} to="/studio/account/webhooks" leftSection={<IconWebhook size={17} />}>
          {t("webhooks")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={17} />} onClick={() => void logOut()}>
          {t("logOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
