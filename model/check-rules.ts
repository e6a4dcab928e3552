import type { HttpStep, Integration } from "./check.js";
import { namesIn } from "./template.js";

/** What is wrong at one place of a check. */
export interface CheckMistake {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

type Found = { readonly path: readonly (string | number)[]; readonly text: string };

/** What must hold between the steps of a check, and within one: names that are captured before they are used, and requests that HTTP can carry. */
export function stepMistakes(steps: readonly HttpStep[]): readonly CheckMistake[] {
  const captured = new Set<string>();
  return steps.flatMap((step, index) => {
    const mistakes = [...unknownNames(step, captured), ...impossibleRequest(step)];
    for (const name of Object.keys(step.capture)) captured.add(name);
    return mistakes.map(({ path, message }) => ({ path: ["steps", index, ...path], message }));
  });
}

/** The variables that an integration's address refers to and no service names: no environment can give them a value. */
export function integrationMistakes(integration: Integration, variables: ReadonlySet<string>): readonly CheckMistake[] {
  const addresses = [["http", "http" in integration ? integration.http : ""], ["tcp", "tcp" in integration ? integration.tcp : ""]] as const;
  return addresses.flatMap(([key, text]) =>
    namesIn(text)
      .filter((name) => !variables.has(name))
      .map((name) => ({ path: [key], message: `uses "${name}", which is a variable of no service; name it under a service's variables` })),
  );
}

function unknownNames(step: HttpStep, captured: ReadonlySet<string>): CheckMistake[] {
  const known = captured.size === 0 ? "no earlier step captures anything" : `earlier steps capture ${[...captured].map((name) => `"${name}"`).join(", ")}`;
  return textsOf(step).flatMap(({ path, text }) =>
    namesIn(text)
      .filter((name) => !captured.has(name))
      .map((name) => ({ path, message: `uses "${name}", which no earlier step captures; ${known}` })),
  );
}

/** Every text of a step in which names are replaced. */
function textsOf({ path, headers, json, body, expect }: HttpStep): Found[] {
  return [
    { path: ["path"], text: path },
    ...textsIn(headers, ["headers"]),
    ...textsIn(json, ["json"]),
    ...textsIn(body, ["body"]),
    ...textsIn(expect.headers, ["expect", "headers"]),
    ...textsIn(expect.body, ["expect", "body"]),
    ...textsIn(expect.json, ["expect", "json"]),
  ];
}

function textsIn(value: unknown, path: readonly (string | number)[]): Found[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((each, index) => textsIn(each, [...path, index]));
  if (typeof value === "object" && value !== null) return Object.entries(value).flatMap(([key, each]) => textsIn(each, [...path, key]));
  return [];
}

/** Headers by which a client keeps a connection in order; it writes them itself. */
const CLIENT_HEADERS = ["connection", "content-length", "expect", "keep-alive", "transfer-encoding", "upgrade"];

function impossibleRequest({ method, headers, json, body, expect, capture }: HttpStep): CheckMistake[] {
  const mistakes: CheckMistake[] = [];
  if (json !== undefined && body !== undefined) mistakes.push({ path: ["body"], message: "stands beside json, but a request has one body; keep one of the two" });
  const readsBody = expect.body !== undefined || Object.keys(expect.json).length > 0 || Object.values(capture).some((from) => typeof from === "string");
  if (method === "HEAD" && readsBody) mistakes.push({ path: ["method"], message: 'is "HEAD", whose answer has no body to look at; use GET' });
  for (const [name, value] of Object.entries(headers)) {
    if (CLIENT_HEADERS.includes(name.toLowerCase())) mistakes.push({ path: ["headers", name], message: "is a header that the client sets itself; remove it" });
    if (!isHeaderValue(value)) mistakes.push({ path: ["headers", name], message: "has characters that no header can carry; allowed is text of one line in Latin-1" });
  }
  return mistakes;
}

/** Whether a text can be sent as the value of a header: one line of Latin-1 (RFC 9110, section 5.5). */
export function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}
