import type { ReactNode } from "react";
import classes from "./filters.module.css";

/** The filters over a list, in a row; one below the other where it is narrow. */
export function FilterBar({ children }: { children: ReactNode }) {
  return <div className={classes.filters}>{children}</div>;
}
