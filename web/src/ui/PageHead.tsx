import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./head.module.css";

/** The title of a page, with its actions beside. */
export function PageHead({ title, note, children }: { title: string; note?: string; children?: ReactNode }) {
  return (
    <div className={classes.head}>
      <div>
        <Title order={1} className={classes.title}>
          {title}
        </Title>
        {note && <p className={`quiet ${classes.note}`}>{note}</p>}
      </div>
      <div className={classes.actions}>{children}</div>
    </div>
  );
}
