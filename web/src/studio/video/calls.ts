import { API_URL, BACKEND_URL } from "../../app/base";
import { boardOf, bodyOf } from "../storyboard/board";
import type { Video } from "../video";

export const PROGRAMS = ["curl", "Python", "Node"] as const;
export type Program = (typeof PROGRAMS)[number];

type Fields = Record<string, unknown>;

/** One call of the API: what every client library names, and what only this server reads. */
interface Call {
  path: string;
  /** The name in the libraries for Python and Node. */
  method: { Python: string; Node: string };
  source: string | null;
  fields: Fields;
  extra: Fields;
}

/** Return the programs that can make such a video: the libraries know no storyboards. */
export function programsFor(video: Video): Program[] {
  return video.shots.length > 0 ? ["curl"] : [...PROGRAMS];
}

/** Return the call that makes such a video; the key stands in the environment, never in the text. */
export function callIn(program: Program, video: Video): string {
  if (video.shots.length > 0) return storyboard(video);
  const call = callOf(video);
  if (program === "curl") return curl(`${API_URL}${call.path}`, { ...call.fields, ...call.extra });
  return program === "Python" ? python(call) : node(call);
}

function callOf(video: Video): Call {
  const { prompt, model, size, sourceId: source } = video;
  const seconds = String(video.seconds);
  const extra = extraOf(video);
  if (source && video.action === "remix") {
    const method = { Python: "remix", Node: "remix" };
    return { path: `/videos/${source}/remix`, method, source, fields: { prompt }, extra };
  }
  if (source && video.action === "edit") {
    const fields = { prompt, video: { id: source } };
    return { path: "/videos/edits", method: { Python: "edit", Node: "edit" }, source: null, fields, extra };
  }
  if (source && video.action === "extension") {
    const fields = { prompt, seconds, video: { id: source } };
    return { path: "/videos/extensions", method: { Python: "extend", Node: "extend" }, source: null, fields, extra };
  }
  const frame = video.inputs.some((one) => one.role === "upload");
  const fields = { model, prompt, size, seconds, ...(frame && { input_reference: { image_url: "<URL of the first frame>" } }) };
  return { path: "/videos", method: { Python: "create", Node: "create" }, source: null, fields, extra };
}

function extraOf(video: Video): Fields {
  const given = Object.entries(video.parameters).filter(([, value]) => value !== null && value !== undefined);
  return {
    seed: video.seed,
    ...(video.outputs > 1 && { n: video.outputs }),
    ...(video.watermark && { watermark: true }),
    ...(video.characters.length > 0 && { characters: video.characters.map((id) => ({ id })) }),
    ...Object.fromEntries(given),
  };
}

function storyboard(video: Video): string {
  const { orientation, shots, about } = boardOf(video);
  return curl(`${BACKEND_URL}/nf/create/storyboard`, bodyOf(video.model, orientation, shots, about));
}

function curl(address: string, fields: Fields): string {
  const body = JSON.stringify(fields, null, 2).replaceAll("'", "'\\''");
  return [
    `curl ${address} \\`,
    '  -H "Authorization: Bearer $OPENAI_API_KEY" \\',
    '  -H "Content-Type: application/json" \\',
    `  -d '${body}'`,
  ].join("\n");
}

function python({ method, source, fields, extra }: Call): string {
  const named = Object.entries(fields).map(([name, value]) => `    ${name}=${pythonic(value)},`);
  return [
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url=${JSON.stringify(API_URL)})  # reads OPENAI_API_KEY`,
    `video = client.videos.${method.Python}(`,
    ...(source ? [`    ${JSON.stringify(source)},`] : []),
    ...named,
    `    extra_body=${pythonic(extra)},`,
    ")",
    "video = client.videos.poll(video.id)",
    'client.videos.download_content(video.id).write_to_file("video.mp4")',
  ].join("\n");
}

/** Write a value of JSON as Python does. */
function pythonic(value: unknown): string {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null) return "None";
  if (Array.isArray(value)) return `[${value.map(pythonic).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${pythonic(one)}`).join(", ")}}`;
}

function node({ method, source, fields, extra }: Call): string {
  const body = JSON.stringify({ ...fields, ...extra }, null, 2);
  return [
    'import { writeFile } from "node:fs/promises";',
    'import OpenAI from "openai";',
    "",
    `const client = new OpenAI({ baseURL: ${JSON.stringify(API_URL)} }); // reads OPENAI_API_KEY`,
    `let video = await client.videos.${method.Node}(${source ? `${JSON.stringify(source)}, ` : ""}${body});`,
    'while (video.status === "queued" || video.status === "in_progress") {',
    "  await new Promise((resolve) => setTimeout(resolve, 2000));",
    "  video = await client.videos.retrieve(video.id);",
    "}",
    "const file = await client.videos.downloadContent(video.id);",
    'await writeFile("video.mp4", Buffer.from(await file.arrayBuffer()));',
  ].join("\n");
}
