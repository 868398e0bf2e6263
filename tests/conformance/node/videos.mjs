// Uses the official SDK the way its users do, and prints what it saw as one line of JSON.
// Arguments: the base URL, a key, and a picture file.

import { createReadStream, readFileSync } from "node:fs";
import OpenAI, { toFile } from "openai";

const [baseURL, apiKey, picture] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const dataUrl = `data:image/png;base64,${readFileSync(picture).toString("base64")}`;

async function ended(video) {
  while (video.status === "queued" || video.status === "in_progress") {
    await new Promise((resolve) => setTimeout(resolve, 50));
    video = await client.videos.retrieve(video.id);
  }
  return video;
}

async function refused(call) {
  try {
    await call();
  } catch (error) {
    return { name: error.constructor.name, status: error.status, code: error.code, param: error.param };
  }
  return null;
}

async function size(id, query) {
  const answer = await client.videos.downloadContent(id, query);
  return (await answer.arrayBuffer()).byteLength;
}

const created = await client.videos.create({ prompt: "a fox", model: "sora-2", seconds: "8" });
const done = await ended(created);
const references = [];
for (const input_reference of [
  createReadStream(picture),
  await toFile(readFileSync(picture), "first.png"),
  { image_url: dataUrl },
]) {
  references.push((await ended(await client.videos.create({ prompt: "x", input_reference }))).status);
}
const failed = await ended(await client.videos.create({ prompt: "[fail] x" }));

const listed = [];
for await (const video of client.videos.list({ limit: 2 })) listed.push(video.id);

const sizes = [];
for (const variant of ["video", "thumbnail", "spritesheet"]) sizes.push(await size(done.id, { variant }));

console.log(
  JSON.stringify({
    created,
    done,
    references,
    failed: failed.error,
    listed: listed.length,
    sizes,
    deleted: await client.videos.delete(done.id),
    models: (await client.models.list()).data.map((model) => model.id),
    badSize: await refused(() => client.videos.create({ prompt: "x", size: "1x1" })),
    unknown: await refused(() => client.videos.retrieve(done.id)),
    wrongKey: await refused(() => new OpenAI({ baseURL, apiKey: "sk-no" }).videos.list()),
  }),
);
