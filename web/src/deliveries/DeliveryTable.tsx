import { Button } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { components } from "../api/schema";
import { DataTable, type Column } from "../ui/DataTable";
import { EmptyBox } from "../ui/EmptyBox";
import { useNumbers } from "../ui/numbers";
import { StatusMark, type Tone } from "../ui/StatusMark";

export type Delivery = components["schemas"]["WebhookDelivery"];

const TONES: Record<Delivery["status"], Tone> = { pending: "busy", delivered: "ok", failed: "bad", dropped: "quiet" };

interface Props {
  rows: Delivery[];
  resend: (eventId: string) => void;
}

/** Calls to webhooks and callbacks, how each was answered, and a way to send it again. */
export function DeliveryTable({ rows, resend }: Props) {
  const { t } = useTranslation();
  const { count, time } = useNumbers();
  const columns: Column<Delivery>[] = [
    { name: t("deliveries.event"), cell: (one) => one.event_type },
    { name: t("deliveries.to"), cell: (one) => <code>{one.url ?? "–"}</code>, long: true },
    {
      name: t("deliveries.state"),
      cell: (one) => <StatusMark tone={TONES[one.status]} text={t(`deliveries.states.${one.status}`)} />,
    },
    { name: t("deliveries.answer"), cell: answerOf, long: true },
    { name: t("deliveries.attempts"), cell: (one) => count(one.attempts), end: true },
    { name: t("deliveries.made"), cell: (one) => time(one.created_at) },
    {
      name: t("deliveries.actions"),
      cell: (one) => (
        <Button size="compact-sm" variant="default" onClick={() => resend(one.event_id)}>
          {t("deliveries.resend")}
        </Button>
      ),
      end: true,
    },
  ];
  if (rows.length === 0) return <EmptyBox icon={IconSend} title={t("deliveries.none")} text={t("deliveries.noneWhy")} />;
  return <DataTable label={t("deliveries.title")} columns={columns} rows={rows} keyOf={(one) => one.id} />;
}

function answerOf(one: Delivery): string {
  const last = one.last_attempt;
  return String(last?.status ?? last?.error ?? "–");
}
