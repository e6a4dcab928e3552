import { isHeaderValue } from "../../model/check-rules.js";
import type { HttpStep } from "../../model/check.js";
import { fillIn, onlyName } from "../../model/template.js";
import type { CheckRequest } from "./send-request.js";

/** What earlier steps captured. */
export type Captured = ReadonlyMap<string, string | number | boolean>;

export type Filled = { readonly ok: true; readonly request: CheckRequest } | { readonly ok: false; readonly reason: string };

/**
 * A step's request to the service at `base`, with captured values put in.
 * The reasons for which there is none are about captured values and never repeat one.
 */
export function fillStep(step: HttpStep, base: string, captured: Captured): Filled {
  const path = fillPath(step.path, base, captured);
  if (path === null) return { ok: false, reason: "the captured value that the path begins with is no path of this service" };
  const headers = Object.entries(step.headers).map(([name, value]) => [name, fillText(value, captured)] as const);
  const bad = headers.find(([, value]) => !isHeaderValue(value));
  if (bad !== undefined) return { ok: false, reason: `a captured value cannot be sent in the header "${bad[0]}": it is not one line of Latin-1` };
  const json = step.json === undefined ? undefined : JSON.stringify(fillJson(step.json, captured));
  const body = json ?? (step.body === undefined ? null : fillText(step.body, captured));
  const typed = json === undefined || headers.some(([name]) => name.toLowerCase() === "content-type");
  const all = { ...(typed ? {} : { "content-type": "application/json" }), ...Object.fromEntries(headers) };
  return { ok: true, request: { origin: new URL(base).origin, method: step.method, path, headers: all, body } };
}

/** A text with captured values in it. */
export function fillText(text: string, captured: Captured): string {
  return fillIn(text, (name) => String(valueOf(name, captured)));
}

/** A JSON value with captured values in its texts; a text that is one reference and nothing else becomes the captured value itself. */
export function fillJson(value: unknown, captured: Captured): unknown {
  if (typeof value === "string") {
    const name = onlyName(value);
    return name === null ? fillText(value, captured) : valueOf(name, captured);
  }
  if (Array.isArray(value)) return value.map((each) => fillJson(each, captured));
  if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fillJson(each, captured)]));
  return value;
}

/** Path and query below the service's address; null when the value that a path begins with leads elsewhere. */
function fillPath(path: string, base: string, captured: Captured): string | null {
  const [, first, rest] = /^\$\{([^{}]*)\}(.*)$/.exec(path) ?? [];
  const encoded = (text: string) => fillIn(text, (name) => encodeURIComponent(String(valueOf(name, captured)).toWellFormed()));
  if (first === undefined) return new URL(base).pathname.replace(/\/$/, "") + encoded(path);
  const start = String(valueOf(first, captured));
  if (!/^(\/|https?:\/\/)/.test(start) || !URL.canParse(start, base)) return null;
  const target = new URL(start, base);
  return target.host === new URL(base).host ? target.pathname + target.search + encoded(rest ?? "") : null;
}

function valueOf(name: string, captured: Captured): string | number | boolean {
  const value = captured.get(name);
  // mission.yaml is refused when a step uses what no earlier one captures, and a check ends at a value that is not there.
  if (value === undefined) throw new Error(`Nothing was captured as "${name}".`);
  return value;
}
