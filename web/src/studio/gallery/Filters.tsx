import { ActionIcon, Button, SegmentedControl, TextInput, Tooltip } from "@mantine/core";
import { IconHeart, IconHeartFilled, IconListCheck, IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { DateFilter } from "./DateFilter";
import { useSelection } from "./selection";
import { useVideoFilters, VIDEO_STATES, type VideoState } from "./useVideoFilters";
import classes from "./gallery.module.css";

const TYPING_MS = 350;

/** Search and filters over the gallery; the server does both. */
export function Filters() {
  const { t } = useTranslation("studio");
  const { filters, set } = useVideoFilters();
  const selection = useSelection();
  const [typed, setTyped] = useState(filters.text);
  useEffect(() => {
    if (typed.trim() === filters.text) return;
    const timer = window.setTimeout(() => set({ text: typed.trim() }), TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [typed, filters.text, set]);
  return (
    <div className={classes.filters} role="search">
      <TextInput
        className={classes.search}
        type="search"
        aria-label={t("gallery.search")}
        placeholder={t("gallery.search")}
        leftSection={<IconSearch size={17} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <SegmentedControl
        value={filters.state}
        onChange={(state) => set({ state: state as VideoState })}
        data={VIDEO_STATES.map((one) => ({ value: one, label: t(`gallery.states.${one}`) }))}
        aria-label={t("gallery.state")}
      />
      <Tooltip label={t("gallery.favorites")}>
        <ActionIcon
          size="lg"
          variant={filters.favorites ? "light" : "subtle"}
          color={filters.favorites ? "dawn" : "gray"}
          aria-pressed={filters.favorites}
          aria-label={t("gallery.favorites")}
          onClick={() => set({ favorites: !filters.favorites })}
        >
          {filters.favorites ? <IconHeartFilled size={19} /> : <IconHeart size={19} stroke={1.7} />}
        </ActionIcon>
      </Tooltip>
      <DateFilter />
      <Button
        variant={selection.active ? "light" : "default"}
        leftSection={<IconListCheck size={18} stroke={1.7} />}
        aria-pressed={selection.active}
        onClick={selection.active ? selection.end : selection.begin}
      >
        {t("select.begin")}
      </Button>
    </div>
  );
}
