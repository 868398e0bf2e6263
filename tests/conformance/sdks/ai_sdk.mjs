// Calls Hinode as users of the AI SDK do, and prints what it saw as one line of JSON.
// Arguments: the major version (part of an alias in package.json), the base URL, a key, a picture.

import { readFileSync } from "node:fs";

const [major, baseURL, apiKey, picture] = process.argv.slice(2);
const { generateImage, generateText, streamText } = await import(`ai-${major}`);
const { createOpenAI } = await import(`@ai-sdk/openai-${major}`);
const openai = createOpenAI({ baseURL, apiKey });
const options = { maxRetries: 0 };

async function refused(call) {
  try {
    await call();
  } catch (error) {
    return { class: error.name, status: error.statusCode, message: error.message };
  }
  return null;
}

async function images() {
  const made = await generateImage({ ...options, model: openai.image("gpt-image-1"), prompt: "a cat", n: 2 });
  const edit = { images: [readFileSync(picture)], text: "in red" };
  const edited = await generateImage({ ...options, model: openai.image("gpt-image-1"), prompt: edit });
  return { sizes: made.images.map((one) => one.uint8Array.length), edited: edited.images.map((one) => one.uint8Array.length) };
}

async function chat() {
  const whole = await generateText({ ...options, model: openai.chat("sora_image"), prompt: "a cat" });
  const stream = streamText({ ...options, model: openai.chat("sora_video2-landscape"), prompt: "a cat" });
  let content = "";
  for await (const piece of stream.textStream) content += piece;
  return {
    whole: whole.text,
    content,
    finish: [await stream.finishReason],
    tokens: (await stream.usage).totalTokens,
  };
}

async function errors() {
  const stranger = createOpenAI({ baseURL, apiKey: "sk-no" });
  return {
    wrong_key: await refused(() => generateText({ ...options, model: stranger.chat("sora_image"), prompt: "a cat" })),
    responses: await refused(() => generateText({ ...options, model: openai("sora_image"), prompt: "a cat" })),
  };
}

console.log(JSON.stringify({ images: await images(), chat: await chat(), errors: await errors() }));
