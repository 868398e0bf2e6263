import { IconAlertCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./boxes.module.css";

/** Say what went wrong and what would do, with a way on. */
export function ErrorBox({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <div className={classes.box} role="alert">
      <IconAlertCircle size={28} stroke={1.5} aria-hidden className={classes.bad} />
      <h2 className={classes.title}>{title}</h2>
      <p className={classes.text}>{text}</p>
      {children}
    </div>
  );
}
