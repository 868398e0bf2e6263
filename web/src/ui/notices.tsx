import { Notification } from "@mantine/core";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useSyncExternalStore, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./notices.module.css";

interface Notice {
  id: number;
  text: string;
  bad: boolean;
  action?: ReactNode;
}

const SHOWN_MS = 6_000;
let notices: Notice[] = [];
let last = 0;
const listeners = new Set<() => void>();

function set(next: Notice[]): void {
  notices = next;
  for (const listener of listeners) listener();
}

function remove(id: number): void {
  set(notices.filter((one) => one.id !== id));
}

/** Tell something at the edge of the page for some seconds; return a function that ends it. */
export function notify(text: string, options: { bad?: boolean; action?: ReactNode } = {}): () => void {
  const id = ++last;
  set([...notices.slice(-2), { id, text, bad: options.bad ?? false, action: options.action }]);
  window.setTimeout(() => remove(id), SHOWN_MS);
  return () => remove(id);
}

export function Notices() {
  const { t } = useTranslation();
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
  return (
    <div className={classes.place} role="status" aria-live="polite">
      {shown.map((one) => (
        <Notification
          key={one.id}
          color={one.bad ? "red" : "dawn"}
          icon={one.bad ? <IconAlertTriangle size={18} /> : <IconCheck size={18} />}
          onClose={() => remove(one.id)}
          closeButtonProps={{ "aria-label": t("close") }}
          withBorder
        >
          <div className={classes.line}>
            <span>{one.text}</span>
            {one.action}
          </div>
        </Notification>
      ))}
    </div>
  );
}
