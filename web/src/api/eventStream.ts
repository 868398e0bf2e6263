import { fetchRaw } from "./client";

export interface ServerEvent {
  id: string;
  name: string;
  data: unknown;
}

/** Read server-sent events by fetch, as `EventSource` sends no token; return when the stream ends. */
export async function readEvents(
  path: string,
  last: string | null,
  signal: AbortSignal,
  onEvent: (event: ServerEvent) => void,
): Promise<void> {
  const headers: Record<string, string> = { accept: "text/event-stream", ...(last && { "last-event-id": last }) };
  const response = await fetchRaw(path, { headers, signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parsed(block);
      if (event) onEvent(event);
    }
  }
}

function parsed(block: string): ServerEvent | null {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const at = line.indexOf(": ");
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 2));
  }
  const [name, data] = [fields.get("event"), fields.get("data")];
  if (name && data) return { id: fields.get("id") ?? "", name, data: JSON.parse(data) };
  return block.startsWith(":") ? { id: "", name: "alive", data: null } : null;
}
