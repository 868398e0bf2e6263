/** Follow the account's jobs while a page is open. */
export function LiveUpdates() {
  return null;
}
