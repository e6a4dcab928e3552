import { isDeepStrictEqual } from "node:util";
import { compile, type JSONValue } from "json-p3";
import type { HttpStep } from "../../model/check.js";
import { show } from "../../model/diagnostic.js";
import { parseDuration } from "../../model/duration.js";
import { fillJson, fillText, type Captured } from "./fill-step.js";
import type { Answer } from "./send-request.js";

type Capture = HttpStep["capture"][string];

/** What an answer gave for later steps, or everything about it that is not as expected. */
export type Judged = { readonly ok: true; readonly captured: Captured } | { readonly ok: false; readonly reasons: readonly string[] };

/** Whether a status is one of the allowed ones. */
export type AllowedStatus = { readonly text: string; readonly has: (status: number) => boolean };

/**
 * Compares an answer with what a step expects, and takes the values out of it that later steps need. Pure.
 * Reasons repeat what mission.yaml expects, never texts that came: those may be secret.
 */
export function judgeAnswer(step: HttpStep, answer: Answer, captured: Captured, allowed: AllowedStatus = allowedStatus(step.expect.status)): Judged {
  if (!allowed.has(answer.status)) {
    const redirect = answer.status >= 300 && answer.status <= 399 ? " (redirects are not followed)" : "";
    return { ok: false, reasons: [`answered ${answer.status}${redirect}, expected ${allowed.text}`] };
  }
  const json = readJson(answer);
  const taken = Object.entries(step.capture).map(([name, from]) => [name, take(name, from, answer, json)] as const);
  const reasons = [
    ...wrongHeaders(step, answer, captured),
    ...wrongBody(step, answer, captured),
    ...wrongJson(step, json, captured),
    ...taken.flatMap(([, value]) => (typeof value === "object" ? [value.missing] : [])),
    ...tooLate(step, answer),
  ];
  if (reasons.length > 0) return { ok: false, reasons: [...new Set(reasons)] };
  return { ok: true, captured: new Map([...captured, ...taken.flatMap(([name, value]) => (typeof value === "object" ? [] : [[name, value] as const]))]) };
}

/** The statuses that a step allows; 200 to 299 when it does not say. */
export function allowedStatus(status: HttpStep["expect"]["status"]): AllowedStatus {
  if (status === undefined) return { text: "200 to 299", has: (given) => given >= 200 && given <= 299 };
  const list = [status].flat();
  return { text: list.join(" or "), has: (given) => list.includes(given) };
}

function wrongHeaders({ expect }: HttpStep, answer: Answer, captured: Captured): string[] {
  return Object.entries(expect.headers).flatMap(([name, text]) => {
    const value = answer.headers[name.toLowerCase()];
    if (value === undefined) return [`there is no header "${name}", expected is ${show(text)} in it`];
    return value.includes(fillText(text, captured)) ? [] : [`the header "${name}" does not contain ${show(text)}`];
  });
}

function wrongBody({ expect }: HttpStep, answer: Answer, captured: Captured): string[] {
  return [expect.body ?? []].flat().flatMap((text) => (answer.body.includes(fillText(text, captured)) ? [] : [`${answer.cut ? "the first 1 MiB of the body does" : "the body does"} not contain ${show(text)}`]));
}

/** The body's value, or why it has none. */
type ReadJson = { readonly value: JSONValue } | { readonly none: string };

function readJson({ body, cut }: Answer): ReadJson {
  if (cut) return { none: "the body is larger than 1 MiB, too large to be read as JSON" };
  try {
    return { value: JSON.parse(body) as JSONValue };
  } catch {
    return { none: body === "" ? "the body is empty, expected is JSON" : "the body is not JSON" };
  }
}

function wrongJson({ expect }: HttpStep, json: ReadJson, captured: Captured): string[] {
  return Object.entries(expect.json).flatMap(([path, expected]) => {
    if ("none" in json) return [json.none];
    const found = valuesAt(path, json.value);
    if (!Array.isArray(found)) return [found.failed];
    if (found.length === 0) return [`there is nothing at ${path}, expected ${show(expected)}`];
    const wanted = fillJson(expected, captured);
    const wrong = found.find((value) => !isDeepStrictEqual(value, wanted));
    return wrong === undefined ? [] : [`${path} is ${kindOf(wrong, wanted)}, expected ${show(expected)}`];
  });
}

/** A value of an answer for later steps. Empty is as good as missing: a path with nothing in it asks for something else. */
function take(name: string, from: Capture, answer: Answer, json: ReadJson): string | number | boolean | { readonly missing: string } {
  if (typeof from !== "string") {
    const value = answer.headers[from.header.toLowerCase()];
    return value === undefined || value === "" ? { missing: `there is no header "${from.header}" to capture "${name}" from` } : value;
  }
  if ("none" in json) return { missing: json.none };
  const found = valuesAt(from, json.value);
  if (!Array.isArray(found)) return { missing: found.failed };
  const value = found[0];
  if (value === undefined || value === "") return { missing: `there is nothing at ${from} to capture as "${name}"` };
  if (value === null || typeof value === "object") return { missing: `${from} is ${kindOf(value)}, but only a text, a number, true or false can be captured as "${name}"` };
  return value;
}

/** What a JSONPath finds; a body nested too deeply for it fails the check, not the program. */
function valuesAt(path: string, value: JSONValue): JSONValue[] | { readonly failed: string } {
  const query = compile(path);
  try {
    return query.query(value).values();
  } catch {
    return { failed: `${path} cannot be looked up in this body` };
  }
}

/** A value in words: texts, lists and objects only by their kind, since what they hold may be secret. */
function kindOf(value: unknown, wanted?: unknown): string {
  const other = (kind: string, plain: string) => (typeof wanted === typeof value && Array.isArray(wanted) === Array.isArray(value) && wanted !== null ? `another ${kind}` : plain);
  if (typeof value === "string") return `${other("text", "a text")} of ${value.length} characters`;
  if (Array.isArray(value)) return `${other("list", "a list")} of ${value.length}`;
  if (typeof value === "object" && value !== null) return other("object", "an object");
  return String(value);
}

function tooLate({ expect }: HttpStep, { milliseconds }: Answer): string[] {
  if (expect.within === undefined || milliseconds <= parseDuration(expect.within)) return [];
  return [`the answer took ${Math.round(milliseconds)} ms, allowed is ${expect.within}`];
}
