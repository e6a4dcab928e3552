/** Whether two are the same person: by the name or by the address, as far as `Ada <ada@example.com>` has both. */
export function isSamePerson(one: string, other: string): boolean {
  const others = partsOf(other);
  return partsOf(one).some((part) => others.includes(part));
}

function partsOf(person: string): string[] {
  const [, name = person, address = ""] = /^([^<>]*)<([^<>]*)>\s*$/.exec(person) ?? [];
  return [name, address].map((part) => part.trim().toLowerCase()).filter((part) => part !== "");
}
