// Every other method of videos, images, chat, files and webhooks, as users of the official SDK call
// them; prints what it saw as one line of JSON. Arguments: the base URL, a key, a picture, a film.

import { createReadStream } from "node:fs";
import OpenAI from "openai";

const [baseURL, apiKey, picture, film] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });

async function ended(video) {
  while (video.status === "queued" || video.status === "in_progress") {
    await new Promise((resolve) => setTimeout(resolve, 50));
    video = await client.videos.retrieve(video.id);
  }
  return video;
}

async function videos() {
  const parent = await ended(await client.videos.create({ prompt: "a fox", seconds: "4" }));
  const video = { id: parent.id };
  const character = await client.videos.createCharacter({ name: "Mia", video: createReadStream(film) });
  return {
    parent,
    remix: await ended(await client.videos.remix(parent.id, { prompt: "at night" })),
    edit: await ended(await client.videos.edit({ prompt: "in snow", video })),
    longer: await ended(await client.videos.extend({ prompt: "it rains", seconds: "8", video })),
    character,
    same: await client.videos.getCharacter(character.id),
  };
}

async function images() {
  const image = () => createReadStream(picture);
  const made = await client.images.generate({ model: "sora_image", prompt: "a cat", n: 2 });
  const edited = await client.images.edit({
    model: "gpt-image-1",
    image: [image(), image()],
    mask: image(),
    prompt: "in red",
  });
  const varied = await client.images.createVariation({ image: image() });
  const events = [];
  const stream = { model: "sora_image", prompt: "a dog", stream: true, partial_images: 2 };
  for await (const event of await client.images.generate(stream)) events.push(event.type);
  return {
    links: made.data.map((one) => one.url),
    edited: edited.data[0].b64_json.length,
    varied: varied.data.length,
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
    usage: chunks.at(-1).usage,
  };
}

async function files() {
  const made = await client.files.create({ file: createReadStream(picture), purpose: "vision" });
  const content = await client.files.content(made.id);
  const listed = [];
  for await (const file of client.files.list({ limit: 1 })) listed.push(file.id);
  const used = await ended(
    await client.videos.create({ prompt: "x", input_reference: { file_id: made.id } }),
  );
  return {
    made,
    same: await client.files.retrieve(made.id),
    bytes: (await content.arrayBuffer()).byteLength,
    listed,
    used: used.status,
    deleted: await client.files.delete(made.id),
  };
}

async function webhooks() {
  const wish = { name: "ours", url: "https://example.com/hook", event_types: ["video.completed"] };
  const made = await client.webhooks.create(wish);
  const listed = [];
  for await (const one of client.webhooks.list()) listed.push(one.id);
  return {
    made,
    same: (await client.webhooks.retrieve(made.id)).url,
    renamed: (await client.webhooks.update(made.id, { name: "yours" })).name,
    rotated: (await client.webhooks.rotateSecret(made.id)).signing_secret,
    listed,
    deleted: await client.webhooks.delete(made.id),
  };
}

console.log(
  JSON.stringify({
    videos: await videos(),
    images: await images(),
    chat: await chat(),
    files: await files(),
    webhooks: await webhooks(),
    model: await client.models.retrieve("sora_video2-hd-portrait-15s"),
  }),
);
