/**
 * Hides a database's address and password in a text: as they stand, decoded and encoded, and inside JSON.
 * @param url `postgres://user:password@host:port/database`
 */
export function maskUrl(url: string): (text: string) => string {
  const needles = new Set([url]);
  const password = passwordOf(url);
  for (const form of [password, decoded(password)]) {
    if (form !== "") for (const written of [form, encodeURIComponent(form), JSON.stringify(form).slice(1, -1)]) needles.add(written);
  }
  const longestFirst = [...needles].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((masked, needle) => masked.replaceAll(needle, "[secret]"), text);
}

function passwordOf(url: string): string {
  return URL.canParse(url) ? new URL(url).password : "";
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
