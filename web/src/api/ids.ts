/** The ids of one job in the API's dialects: they all hold the same 128 bits. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH = 26;

/** Return the Sora dialect's id of a video's output. */
export function generationId(videoId: string, output = 0): string {
  return `gen_${base32((BigInt(output) << 128n) | BigInt(`0x${videoId.replace(/^video_/, "")}`))}`;
}

/** Return a video's id, of the Sora dialect's id of it or of one of its outputs. */
export function videoId(taskId: string): string {
  const digits = taskId.replace(/^(task|gen)_/, "");
  const number = [...digits].reduce((sum, digit) => (sum << 5n) | BigInt(ALPHABET.indexOf(digit)), 0n);
  return `video_${(number & ((1n << 128n) - 1n)).toString(16).padStart(32, "0")}`;
}

/** Return the OpenAI dialect's id of a character. */
export function characterId(id: string): string {
  return id.replace(/^ch_/, "char_");
}

function base32(number: bigint): string {
  let rest = number;
  let text = "";
  for (let at = 0; at < LENGTH; at++) {
    text = ALPHABET[Number(rest & 31n)] + text;
    rest >>= 5n;
  }
  return text;
}

/** Return a video's id, of the id of its job. */
export function videoIdOfJob(jobId: string): string {
  return `video_${jobId.replaceAll("-", "")}`;
}

/** Return the id of a video's job. */
export function jobIdOf(video: string): string {
  return video.replace(/^video_(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
