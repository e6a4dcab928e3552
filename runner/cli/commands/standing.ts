import { stackOrigin } from "../../engine/stack.js";
import { EXIT, UserError } from "../../errors.js";
import type { Standing, Statement } from "../../store/mission-store.js";
import { openStore } from "../../store/open-store.js";
import { who } from "../../who.js";
import type { Terminal } from "../terminal.js";

/** Options of `freeze`, `unfreeze` and `release-hold`. */
export interface StandingOptions {
  readonly reason: string;
  readonly json?: boolean;
}

/** Freezes a stack: no candidate gets more traffic, nothing new is deployed by a mission, until a person ends that. */
export async function freeze(stack: string, { reason, json }: StandingOptions, terminal: Terminal): Promise<void> {
  const { store, statement, before } = await begin(stack, reason);
  await store.set(stack, "freeze", statement);
  say(stack, "freeze", before.freeze, terminal);
  terminal.say(`Now: frozen by ${statement.by}: "${statement.reason}". No candidate gets more traffic; taking traffic back, finish and retire remain possible. End that with: ./mission unfreeze ${stack} --reason "..."`);
  if (json === true) await print(stack, terminal);
}

/** Ends a freeze. @throws UserError (refused) when there is none */
export function unfreeze(stack: string, options: StandingOptions, terminal: Terminal): Promise<void> {
  return end(stack, "freeze", options, terminal);
}

/** Ends the hold that a rollback has left. @throws UserError (refused) when there is none */
export function releaseHold(stack: string, options: StandingOptions, terminal: Terminal): Promise<void> {
  return end(stack, "hold", options, terminal);
}

const WORDS = { freeze: { is: "frozen", ended: "not frozen" }, hold: { is: "on hold", ended: "not on hold" } } as const;

async function end(stack: string, kind: keyof Standing, { reason, json }: StandingOptions, terminal: Terminal): Promise<void> {
  const { store, statement, before } = await begin(stack, reason);
  const stands = before[kind];
  if (stands === null) throw new UserError(EXIT.refused, `Stack "${stack}" is ${WORDS[kind].ended}; there is nothing to end.`);
  await store.clear(stack, kind, statement);
  say(stack, kind, stands, terminal);
  terminal.say(`Now: ${WORDS[kind].ended}, by ${statement.by}: "${statement.reason}".`);
  const other = kind === "freeze" ? "hold" : "freeze";
  if (before[other] !== null) terminal.say(`It is still ${WORDS[other].is}, since ${before[other].at} by ${before[other].by}: "${before[other].reason}".`);
  if (json === true) await print(stack, terminal);
}

async function begin(stack: string, text: string) {
  stackOrigin(stack);
  const reason = text.trim();
  if (reason === "") throw new UserError(EXIT.usage, '"--reason" is empty; say in a few words why, for those who come after you.');
  const store = openStore();
  const statement: Statement = { reason, by: who(), at: new Date().toISOString() };
  return { store, statement, before: await store.standing(stack) };
}

function say(stack: string, kind: keyof Standing, was: Statement | null, terminal: Terminal): void {
  terminal.say(was === null ? `Stack "${stack}" was ${WORDS[kind].ended}.` : `Stack "${stack}" was ${WORDS[kind].is} since ${was.at} by ${was.by}: "${was.reason}".`);
}

async function print(stack: string, terminal: Terminal): Promise<void> {
  terminal.print(JSON.stringify(await openStore().standing(stack), null, 2));
}
