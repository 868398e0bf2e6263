/** Take the secret of a log-in link out of the address, before anything else can see it there. */
export function takeLinkSecret(): string | null {
  const secret = new URLSearchParams(window.location.hash.slice(1)).get("t");
  if (secret === null) return null;
  window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
  return secret;
}

// A link that is pasted where this page is open changes only the fragment: nothing would be loaded.
window.addEventListener("hashchange", () => {
  if (new URLSearchParams(window.location.hash.slice(1)).has("t")) window.location.reload();
});
