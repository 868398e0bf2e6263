import { Button, Group } from "@mantine/core";
import { IconArrowLeft, IconArrowRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

export const CURSOR = "after";

/** The way to the next page of a list and back to its first, kept in the address. */
export function Pager({ next }: { next: string | null | undefined }) {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const go = (cursor: string | null) => {
    const changed = new URLSearchParams(search);
    if (cursor) changed.set(CURSOR, cursor);
    else changed.delete(CURSOR);
    setSearch(changed);
  };
  if (!next && !search.has(CURSOR)) return null;
  return (
    <Group justify="space-between" mt="md">
      <Button
        variant="default"
        leftSection={<IconArrowLeft size={16} />}
        disabled={!search.has(CURSOR)}
        onClick={() => go(null)}
      >
        {t("pages.first")}
      </Button>
      <Button
        variant="default"
        rightSection={<IconArrowRight size={16} />}
        disabled={!next}
        onClick={() => go(next ?? null)}
      >
        {t("pages.next")}
      </Button>
    </Group>
  );
}
