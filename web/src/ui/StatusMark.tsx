import classes from "./status.module.css";

export type Tone = "ok" | "bad" | "busy" | "quiet";

/** A state in one word, told by its colour and its shape too. */
export function StatusMark({ tone, text }: { tone: Tone; text: string }) {
  return (
    <span className={classes.mark} data-tone={tone}>
      {text}
    </span>
  );
}
