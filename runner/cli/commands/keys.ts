import { createKey, keyCard, keyCards, rotateKey, type KeyCard } from "../../evidence/named-keys.js";
import { packEntry } from "../../evidence/pack-entry.js";
import { shortDigest } from "../../../model/digest.js";
import type { Terminal } from "../terminal.js";

/** Options of `mission keys create`. */
export interface CreateKeyOptions {
  readonly role: string;
  readonly name?: string;
  readonly json?: boolean;
}

/** Makes a key for a role. */
export async function create({ role, name, json }: CreateKeyOptions, terminal: Terminal): Promise<void> {
  const card = await createKey(role, name ?? role);
  terminal.say(`Key "${card.name}" of the role ${card.role ?? role} is made. So that what it signs counts, put this under "trust:" in policies/pack.yaml:`);
  print([card], json, terminal, () => packEntry(card));
}

/** Shows one key of this machine, or all. */
export async function showKeys(name: string | undefined, { json }: { readonly json?: boolean }, terminal: Terminal): Promise<void> {
  const cards = name === undefined ? await keyCards() : [await keyCard(name)];
  if (cards.length === 0) terminal.say("There is no key on this machine yet. A mission makes the development key; make one for a role with: ./mission keys create --role operator");
  print(cards, json, terminal, () => cards.map(inWords).join("\n"));
}

/** Makes a new key in the place of one. */
export async function rotate(name: string, { json }: { readonly json?: boolean }, terminal: Terminal): Promise<void> {
  const card = await rotateKey(name);
  const old = card.retired.at(-1);
  terminal.say(`Key "${name}" is ${shortDigest(card.keyId)} now; ${shortDigest(old?.keyId ?? "")} is retired since ${old?.retiredAt ?? ""}, and its private half is gone.`);
  if (card.role === null) terminal.say("Sandbox stacks of this machine trust the new one by themselves; what the old one has signed counts no more: run missions that are under way anew.");
  else terminal.say('What the old one has signed counts until you remove its entry from policies/pack.yaml: do that when nothing rests on it any more, and at once if somebody may have its private half. Put this beside it, under "trust:":');
  print([card], json, terminal, () => (card.role === null ? inWords(card) : packEntry(card)));
}

function print(cards: readonly KeyCard[], json: boolean | undefined, terminal: Terminal, words: () => string): void {
  if (json === true) terminal.print(JSON.stringify(cards, null, 2));
  else if (cards.length > 0) terminal.print(words().trimEnd());
}

function inWords(card: KeyCard): string {
  const { name, keyId, publicKey, role, types, createdAt, retired } = card;
  const trust = role === null ? ["Sandbox stacks of this machine trust it by themselves; no other stack ever does."] : ['Entry for policies/pack.yaml, under "trust:":', packEntry(card).trimEnd()];
  return [
    `${name}: ${role === null ? "the development key, for everything on sandbox stacks" : `role ${role}`}${createdAt === null ? "" : `, made at ${createdAt}`}`,
    `  id ${keyId}`,
    "  may sign:",
    ...types.map((type) => `    ${type}`),
    ...retired.map((each) => `  retired at ${each.retiredAt}: ${each.keyId}`),
    publicKey.trimEnd(),
    ...trust,
    "",
  ].join("\n");
}
