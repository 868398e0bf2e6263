import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useMe } from "../session/me";
import { applyEvent } from "../studio/gallery/applyEvent";
import { SharedStream } from "./sharedStream";

const stream = new SharedStream("v1/events");

/** Return whether the account's events arrive. */
export function useLive(): boolean {
  return stream.useConnected();
}

/** Keeps what the pages know of the account's videos and credits up to date. */
export function LiveUpdates() {
  const queries = useQueryClient();
  const account = useMe().data?.id;
  useEffect(() => (account ? stream.follow(account, (event) => applyEvent(queries, event)) : undefined), [account, queries]);
  return null;
}
