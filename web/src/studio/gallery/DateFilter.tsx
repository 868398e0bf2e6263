import { ActionIcon, Button, Popover, Stack, TextInput, Tooltip } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useVideoFilters } from "./useVideoFilters";

/** The days of which videos are shown. */
export function DateFilter() {
  const { t } = useTranslation("studio");
  const { filters, set } = useVideoFilters();
  const active = filters.from !== "" || filters.to !== "";
  return (
    <Popover position="bottom-start" shadow="lg" radius="lg" trapFocus returnFocus>
      <Popover.Target>
        <Tooltip label={t("gallery.days")}>
          <ActionIcon
            size="lg"
            variant={active ? "light" : "subtle"}
            color={active ? "dawn" : "gray"}
            aria-label={t("gallery.days")}
          >
            <IconCalendar size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <TextInput
            type="date"
            label={t("gallery.from")}
            max={filters.to || undefined}
            value={filters.from}
            onChange={(event) => set({ from: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            label={t("gallery.to")}
            min={filters.from || undefined}
            value={filters.to}
            onChange={(event) => set({ to: event.currentTarget.value })}
          />
          <Button variant="default" disabled={!active} onClick={() => set({ from: "", to: "" })}>
            {t("gallery.anyDay")}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
