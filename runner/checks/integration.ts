import { setTimeout as sleep } from "node:timers/promises";
import type { Integration } from "../../model/check.js";
import { codebaseEnvironment } from "../release/build-environment.js";
import { failed, notMade, PASSED, timed, type CheckResult, type Ending } from "./check-result.js";
import { askDatabase } from "./ask-database.js";
import { connectTcp } from "./connect-tcp.js";
import { runCommand } from "./run-command.js";
import { sendRequest } from "./send-request.js";
import { fillVariables } from "./variables.js";

/** How long one try may take, and what passes between the first and the second; milliseconds. */
export interface Tries {
  readonly limitMs: number;
  readonly pauseMs: number;
}

const TRIES: Tries = { limitMs: 5_000, pauseMs: 1_000 };

/** What integrations are asked with. */
export interface IntegrationContext {
  /** See `environmentVariables`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Address of the environment's database; null when there is none. */
  readonly databaseUrl: string | null;
  readonly codebase: string | null;
  readonly signal?: AbortSignal | undefined;
  /** Default: 5 s, and 1 s between them. */
  readonly tries?: Tries | undefined;
}

/** Looks whether an integration answers. Two tries are one look, so that a single lost packet stops no release; that it took two is told. */
export function runIntegration(integration: Integration, context: IntegrationContext): Promise<CheckResult> {
  return timed(integration.name, async () => {
    const first = await tryOnce(integration, context);
    if (first.verdict !== "FAIL" || context.signal?.aborted) return first;
    await sleep((context.tries ?? TRIES).pauseMs, undefined, { signal: context.signal }).catch(() => undefined);
    const second = await tryOnce(integration, context);
    if (second.verdict === "PASS") return { ...second, said: `answered at the second try; the first one: ${first.said}` };
    return first.said === second.said ? { ...second, said: `${second.said}, tried twice` } : { ...second, said: `${second.said}; the try before: ${first.said}` };
  });
}

async function tryOnce(integration: Integration, context: IntegrationContext): Promise<Ending> {
  const { variables, databaseUrl, codebase, signal, tries: { limitMs } = TRIES } = context;
  if (signal?.aborted) return notMade("the check was interrupted");
  if ("database" in integration) {
    if (databaseUrl === null) return notMade("the environment has no database whose address is known; deploy a service with database: true first");
    return askDatabase(databaseUrl, limitMs);
  }
  if ("command" in integration) return runCommand({ command: integration.command, codebase, environment: codebaseEnvironment(process.env, variables), timeoutMs: limitMs, signal });
  const template = "http" in integration ? integration.http : integration.tcp;
  const filled = fillVariables(template, variables);
  if (!filled.ok) return notMade(filled.reason);
  const ending = await ("http" in integration ? askHttp(filled.text, limitMs, signal) : connectTcp(filled.text, limitMs, signal));
  return ending.verdict === "PASS" ? ending : { ...ending, said: `${shown(template)}: ${ending.said}` };
}

async function askHttp(address: string, limitMs: number, signal: AbortSignal | undefined): Promise<Ending> {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return notMade("with its variables replaced this is no address; allowed is one that begins with http:// or https://");
  const login = `${decoded(url.username)}:${decoded(url.password)}`;
  const headers: Record<string, string> = login === ":" ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` };
  const sent = await sendRequest({ origin: url.origin, method: "GET", path: url.pathname + url.search, headers, body: null }, { limitMs, signal, readBody: false });
  if (!sent.ok) return sent.ours ? notMade(sent.reason) : failed(sent.reason);
  const { status } = sent.answer;
  return status >= 200 && status <= 399 ? PASSED : failed(`answered ${status}, expected 200 to 399`);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** An address for people, as mission.yaml has it: without a login and without a query, which may hold a key. */
function shown(template: string): string {
  return template.replace(/\/\/[^/@]*@/, "//").replace(/[?#].*$/s, "");
}
