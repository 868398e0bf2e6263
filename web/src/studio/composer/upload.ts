import { fetchRaw } from "../../api/client";
import type { Picture } from "./draft";

export const PICTURE_TYPES = "image/jpeg,image/png,image/webp,image/heic,image/avif";

/** Upload an image, to be named in requests by its id. */
export async function uploadPicture(file: File): Promise<Picture> {
  const form = new FormData();
  form.set("purpose", "vision");
  form.set("file", file, file.name || "pasted.png");
  const response = await fetchRaw("v1/files", { method: "POST", body: form });
  const told = (await response.json()) as { id: string };
  return { fileId: told.id, name: file.name, url: URL.createObjectURL(file) };
}

/** Return the first image of what was dropped or pasted. */
export function pictureIn(data: DataTransfer | null): File | null {
  return [...(data?.files ?? [])].find((file) => file.type.startsWith("image/")) ?? null;
}

/** Return the picture at an address of this server as a file. */
export async function pictureFrom(url: string): Promise<File> {
  const content = await (await fetch(url)).blob();
  return new File([content], "frame", { type: content.type });
}
