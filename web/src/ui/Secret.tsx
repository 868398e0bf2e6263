import { Button, Code, Stack, Text } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { copyText } from "./copy";
import { notify } from "./notices";

/** A secret that is shown once. */
export function Secret({ value }: { value: string }) {
  const { t } = useTranslation();
  const copy = async () => notify((await copyText(value)) ? t("copied") : t("notCopied"));
  return (
    <Stack>
      <Text size="sm">{t("secretOnce")}</Text>
      <Code block>{value}</Code>
      <Button leftSection={<IconCopy size={17} />} onClick={() => void copy()}>
        {t("copy")}
      </Button>
    </Stack>
  );
}
