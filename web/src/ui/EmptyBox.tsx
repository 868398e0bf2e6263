import type { Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./boxes.module.css";

/** Say that there is nothing here yet, and what would bring something. */
export function EmptyBox(props: { icon: Icon; title: string; text: string; children?: ReactNode }) {
  const { icon: Picture, title, text, children } = props;
  return (
    <div className={classes.box}>
      <Picture size={32} stroke={1.3} aria-hidden className={classes.soft} />
      <h2 className={classes.title}>{title}</h2>
      <p className={classes.text}>{text}</p>
      {children}
    </div>
  );
}
