// What a page in a browser does with Hinode: make videos with the official SDK, and play them.

const LIMIT_MS = 60_000;
const WIDTH = 64;
const HEIGHT = 36;

function happened(target, event) {
  return new Promise((resolve, reject) => {
    target.addEventListener(event, resolve, { once: true });
    target.addEventListener("error", () => reject(new Error(target.error?.message)), { once: true });
    setTimeout(() => reject(new Error(`no ${event} within ${LIMIT_MS} ms`)), LIMIT_MS);
  });
}

function pixels(player) {
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
  canvas.getContext("2d").drawImage(player, 0, 0, WIDTH, HEIGHT);
  return canvas.toDataURL();
}

async function refused(call) {
  try {
    await call();
  } catch (error) {
    return { class: error.constructor.name, status: error.status, requestID: error.requestID };
  }
  return null;
}

export async function make(name, baseURL, apiKey) {
  const { default: OpenAI, toFile } = await import(name);
  const settings = { baseURL, maxRetries: 0, dangerouslyAllowBrowser: true };
  const client = new OpenAI({ ...settings, apiKey });
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  canvas.getContext("2d").fillRect(0, 0, WIDTH, HEIGHT);
  const input_reference = await toFile(await canvas.convertToBlob(), "first.png");
  let video = await client.videos.create({ prompt: "a fox", seconds: "4", input_reference });
  while (video.status === "queued" || video.status === "in_progress") {
    await new Promise((resolve) => setTimeout(resolve, 100));
    video = await client.videos.retrieve(video.id);
  }
  const answer = await client.videos.downloadContent(video.id);
  const file = await answer.blob();
  return {
    status: video.status,
    type: file.type,
    size: file.size,
    duration: await durationOf(file),
    badSize: await refused(() => client.videos.create({ prompt: "x", size: "1x1" })),
    wrongKey: await refused(() => new OpenAI({ ...settings, apiKey: "sk-no" }).videos.list()),
    deleted: await client.videos.delete(video.id),
  };
}

async function durationOf(file) {
  const player = document.createElement("video");
  const loaded = happened(player, "loadedmetadata");
  player.src = URL.createObjectURL(file);
  await loaded;
  return player.duration;
}

export async function play(url) {
  const player = Object.assign(document.createElement("video"), { crossOrigin: "anonymous", muted: true });
  document.body.append(player);
  const ready = happened(player, "canplay");
  player.src = url;
  await ready;
  const ended = happened(player, "ended");
  await player.play();
  await ended;
  const sought = [];
  for (const second of [3, 0.5, 2]) {
    const arrived = happened(player, "seeked");
    player.currentTime = second;
    await arrived;
    sought.push({ second: player.currentTime, pixels: pixels(player) });
  }
  const { duration, videoWidth, videoHeight, seekable } = player;
  return { duration, size: [videoWidth, videoHeight], seekable: seekable.end(0), sought };
}
