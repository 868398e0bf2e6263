// Calls Hinode as users of the official Node SDK do, and prints what it saw as one line of JSON.
// Arguments: the package (an alias in package.json), the base URL, a key, a picture, a film.

import { createReadStream, readFileSync } from "node:fs";

const [name, baseURL, apiKey, picture, film] = process.argv.slice(2);
const { default: OpenAI, toFile } = await import(name);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const image = () => createReadStream(picture);
const dataUrl = `data:image/png;base64,${readFileSync(picture).toString("base64")}`;

async function ended(video) {
  while (video.status === "queued" || video.status === "in_progress") {
    await new Promise((resolve) => setTimeout(resolve, 50));
    video = await client.videos.retrieve(video.id);
  }
  return video;
}

async function statuses(...wishes) {
  const made = [];
  for (const input_reference of wishes) {
    made.push((await ended(await client.videos.create({ prompt: "x", input_reference }))).status);
  }
  return made;
}

async function size(id, variant) {
  return (await (await client.videos.downloadContent(id, { variant })).arrayBuffer()).byteLength;
}

async function refused(call) {
  try {
    await call();
  } catch (error) {
    return { class: error.constructor.name, status: error.status, code: error.code, param: error.param };
  }
  return null;
}

async function collected(pages) {
  const ids = [];
  for await (const one of pages) ids.push(one.id);
  return ids;
}

async function videos() {
  const wish = { prompt: "a fox", model: "sora-2", seconds: "8", wobble: 3 };
  const created = await client.videos.create(wish);
  const done = await ended(created);
  const sizes = [];
  for (const variant of ["video", "thumbnail", "spritesheet"]) sizes.push(await size(done.id, variant));
  return {
    created,
    done,
    sizes,
    first_frames: await statuses(image(), await toFile(readFileSync(picture), "first.png"), { image_url: dataUrl }),
    failed: (await ended(await client.videos.create({ prompt: "[fail] x" }))).error.code,
    remix: await ended(await client.videos.remix(done.id, { prompt: "at night" })),
    listed: await collected(client.videos.list({ limit: 2 })),
    deleted: await client.videos.delete(done.id),
    gone: await refused(() => client.videos.retrieve(done.id)),
  };
}

async function actions() {
  const video = { id: (await ended(await client.videos.create({ prompt: "a fox" }))).id };
  const character = await client.videos.createCharacter({ name: "Mia", video: createReadStream(film) });
  return {
    edit: await ended(await client.videos.edit({ prompt: "in snow", video })),
    longer: await ended(await client.videos.extend({ prompt: "it rains", seconds: "4", video })),
    character,
    same: await client.videos.getCharacter(character.id),
  };
}

async function images() {
  const made = await client.images.generate({ model: "sora_image", prompt: "a cat", n: 2 });
  const wish = { model: "gpt-image-1", image: [image(), image()], mask: image(), prompt: "in red" };
  const events = [];
  const stream = { model: "sora_image", prompt: "a dog", stream: true, partial_images: 2 };
  for await (const event of await client.images.generate(stream)) events.push(event.type);
  return {
    links: made.data.map((one) => one.url),
    edited: (await client.images.edit(wish)).data.map((one) => one.b64_json.length),
    varied: (await client.images.createVariation({ image: image() })).data.length,
    events,
  };
}

async function chat() {
  const messages = [{ role: "user", content: "a cat" }];
  const whole = await client.chat.completions.create({ model: "sora_image", messages });
  const chunks = [];
  const asked = { model: "sora_video2-landscape", messages, stream: true, stream_options: { include_usage: true } };
  for await (const chunk of await client.chat.completions.create(asked)) chunks.push(chunk);
  const deltas = chunks.flatMap((chunk) => chunk.choices.map((choice) => choice.delta));
  return {
    whole: whole.choices[0].message.content,
    finish: chunks.flatMap((chunk) => chunk.choices.map((choice) => choice.finish_reason)).filter(Boolean),
    content: deltas.map((delta) => delta.content ?? "").join(""),
    thoughts: deltas.map((delta) => delta.reasoning_content ?? "").join(""),
    tokens: chunks.at(-1).usage.total_tokens,
  };
}

async function files() {
  const made = await client.files.create({ file: image(), purpose: "vision" });
  return {
    made,
    same: await client.files.retrieve(made.id),
    bytes: (await (await client.files.content(made.id)).arrayBuffer()).byteLength,
    listed: await collected(client.files.list({ limit: 1 })),
    used: await statuses({ file_id: made.id }),
    deleted: await client.files.delete(made.id),
  };
}

async function errors() {
  const stranger = new OpenAI({ baseURL, apiKey: "sk-no", maxRetries: 0 });
  return {
    bad_size: await refused(() => client.videos.create({ prompt: "x", size: "1x1" })),
    wrong_key: await refused(() => stranger.videos.list()),
    unknown_model: await refused(() => client.models.retrieve("Wan-AI/Wan2.2")),
  };
}

async function webhooks() {
  const wish = { name: "ours", url: "https://example.com/hook", event_types: ["video.completed"] };
  const made = await client.webhooks.create(wish);
  return {
    made,
    same: (await client.webhooks.retrieve(made.id)).url,
    renamed: (await client.webhooks.update(made.id, { name: "yours" })).name,
    rotated: (await client.webhooks.rotateSecret(made.id)).signing_secret,
    listed: await collected(client.webhooks.list()),
    deleted: await client.webhooks.delete(made.id),
  };
}

const seen = {
  videos: await videos(),
  actions: await actions(),
  images: await images(),
  chat: await chat(),
  files: await files(),
  errors: await errors(),
  models: (await client.models.list()).data.map((model) => model.id),
};
if (client.webhooks.create) seen.webhooks = await webhooks();
console.log(JSON.stringify(seen));
