import { API_URL } from "../../app/base";
import type { Video } from "../video";

export const PROGRAMS = ["curl", "Python", "Node"] as const;
export type Program = (typeof PROGRAMS)[number];

/** Return the call that makes such a video; the key stands in the environment, never in the text. */
export function callIn(program: Program, video: Video): string {
  const { prompt, model, size } = video;
  const seconds = String(video.seconds);
  const seed = video.seed;
  if (program === "curl") {
    const body = JSON.stringify({ model, prompt, size, seconds, seed }, null, 2).replaceAll("'", "'\\''");
    return [
      `curl ${API_URL}/videos \\`,
      '  -H "Authorization: Bearer $OPENAI_API_KEY" \\',
      '  -H "Content-Type: application/json" \\',
      `  -d '${body}'`,
    ].join("\n");
  }
  if (program === "Python") {
    return [
      "from openai import OpenAI",
      "",
      `client = OpenAI(base_url=${JSON.stringify(API_URL)})  # reads OPENAI_API_KEY`,
      "video = client.videos.create_and_poll(",
      `    model=${JSON.stringify(model)},`,
      `    prompt=${JSON.stringify(prompt)},`,
      `    size=${JSON.stringify(size)},`,
      `    seconds=${JSON.stringify(seconds)},`,
      `    extra_body={"seed": ${seed}},`,
      ")",
      'client.videos.download_content(video.id).write_to_file("video.mp4")',
    ].join("\n");
  }
  return [
    'import { writeFile } from "node:fs/promises";',
    'import OpenAI from "openai";',
    "",
    `const client = new OpenAI({ baseURL: ${JSON.stringify(API_URL)} }); // reads OPENAI_API_KEY`,
    "const video = await client.videos.createAndPoll({",
    `  model: ${JSON.stringify(model)},`,
    `  prompt: ${JSON.stringify(prompt)},`,
    `  size: ${JSON.stringify(size)},`,
    `  seconds: ${JSON.stringify(seconds)},`,
    `  seed: ${seed},`,
    "});",
    "const file = await client.videos.downloadContent(video.id);",
    'await writeFile("video.mp4", Buffer.from(await file.arrayBuffer()));',
  ].join("\n");
}
