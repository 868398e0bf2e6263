import { TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

const TYPING_MS = 400;

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** A text that filters when its typing pauses. */
export function TypedFilter({ label, value, onChange }: Props) {
  const [typed, setTyped] = useState(value);
  const change = useRef(onChange);
  change.current = onChange;
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = window.setTimeout(() => change.current(typed.trim()), TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [typed, value]);
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
}
