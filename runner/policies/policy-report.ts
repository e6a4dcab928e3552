/** A policy's objection to one resource. */
export interface Violation {
  readonly policy: string;
  /** `mandatory` refuses; any other is told only. */
  readonly enforcement: string;
  /** `service "web"`, or the resource in words where it is no service. */
  readonly about: string;
  /** The policy's own words, on one line. */
  readonly message: string;
}

/** What a policy pack said of one run of the engine. */
export interface PolicyReport {
  /** Names of the policies that judged something, whatever they said. */
  readonly ran: readonly string[];
  /** How many times a policy judged a resource, or the stack as a whole. */
  readonly judgements: number;
  readonly violations: readonly Violation[];
  /** Policies that could not judge, and packs that could not be run: a sentence each. */
  readonly cannotRun: readonly string[];
  /** Services that the engine looked at, but no policy. */
  readonly unjudged: readonly string[];
}

/** The engine's events that policies are told of by, as engine 3.220 writes them; the Automation API does not declare all of them. */
export interface PolicyEvents {
  readonly policyEvent?: { readonly resourceUrn?: string; readonly message: string; readonly policyName: string; readonly enforcementLevel: string };
  readonly policyAnalyzeSummaryEvent?: { readonly resourceUrn: string; readonly passed?: readonly string[]; readonly failed?: readonly string[] };
  readonly policyAnalyzeStackSummaryEvent?: { readonly passed?: readonly string[]; readonly failed?: readonly string[] };
  readonly diagnosticEvent?: { readonly urn?: string; readonly message: string; readonly severity: string };
  readonly resourcePreEvent?: { readonly metadata: { readonly op: string; readonly urn: string; readonly type: string } };
}

const SERVICE = "mission:index:BlueGreenService";
/** How the engine and the SDK of policies say that one could not judge; the SDK makes an advisory of it, so that it would not stop anything. */
const CANNOT_RUN = /\b(?:can't|cannot|failed to) run (?:policy|remediation)\b/i;
/** An exception that is named, as Node.js prints it. */
const NAMED = /^[A-Z][A-Za-z]*Error\b/;
/** What the engine's runner of packs says above an exception; the exception itself comes after it. */
const UNHANDLED = /failed with an unhandled exception/;
const PACK_FAILS = /policy pack "[^"]*" failed to start|failed to load Pulumi policy project|(?:could not|failed to) (?:load|start|run|install).*policy pack|policy pack.*(?:could not|failed)/i;

/** Counts what a policy pack says while the engine runs. */
export class PolicyTally {
  readonly #ran = new Set<string>();
  readonly #violations: Violation[] = [];
  readonly #cannotRun = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #judged = new Set<string>();
  #judgements = 0;
  /** What a pack that does not start says before the engine gives it up. */
  #trouble: string | undefined;

  see(event: PolicyEvents): void {
    const { policyEvent, policyAnalyzeSummaryEvent: resource, policyAnalyzeStackSummaryEvent: whole, diagnosticEvent, resourcePreEvent } = event;
    if (policyEvent !== undefined) this.#violation(policyEvent);
    if (resource !== undefined && this.#count(resource) > 0) this.#judged.add(resource.resourceUrn);
    if (whole !== undefined) this.#count(whole);
    if (diagnosticEvent !== undefined) this.#diagnostic(diagnosticEvent);
    if (resourcePreEvent?.metadata.type === SERVICE && resourcePreEvent.metadata.op !== "delete") this.#seen.add(resourcePreEvent.metadata.urn);
  }

  /** Takes what the engine printed when it gave up. @returns whether that was because of the pack */
  refused(text: string): boolean {
    const line = text.split("\n").find((each) => PACK_FAILS.test(each));
    if (line === undefined) return this.#cannotRun.size > 0 || this.#violations.some(({ enforcement }) => enforcement === "mandatory");
    this.#cannotRun.add(`The policy pack cannot be run: ${sentence(this.#trouble ?? line.replace(/^error:\s*/i, ""))}`);
    return true;
  }

  report(): PolicyReport {
    return {
      ran: [...this.#ran].sort(),
      judgements: this.#judgements,
      violations: this.#violations,
      cannotRun: [...this.#cannotRun],
      unjudged: [...this.#seen].filter((urn) => !this.#judged.has(urn)).map(nameOf).sort(),
    };
  }

  #violation({ resourceUrn, message, policyName, enforcementLevel }: NonNullable<PolicyEvents["policyEvent"]>): void {
    const about = inWords(resourceUrn);
    // The SDK puts the policy's description into the first line; what is wrong comes after it.
    const lines = message.trim().split("\n").map((line) => line.trim());
    const said = (lines.length > 1 ? lines.slice(1) : lines).filter((line) => line !== "").map(sentence).join(" ");
    if (CANNOT_RUN.test(message)) this.#cannotRun.add(`Policy "${policyName}" could not judge ${about}: ${said}`);
    else this.#violations.push({ policy: policyName, enforcement: enforcementLevel, about, message: said });
  }

  #diagnostic({ urn, message, severity }: NonNullable<PolicyEvents["diagnosticEvent"]>): void {
    if (severity === "debug") return;
    if (CANNOT_RUN.test(message)) {
      const [first = "", ...rest] = message.trim().split("\n").map((line) => line.trim());
      // The stack of what it threw is for who writes the pack, who sees it in the engine's own output.
      const thrown = rest.filter((line) => line !== "" && !line.startsWith("at ")).slice(0, 1);
      this.#cannotRun.add(`Policy "${/policy '([^']+)'/.exec(first)?.[1] ?? "?"}" could not judge ${inWords(urn)}: ${sentence(thrown[0] ?? first)}`);
    } else if (severity === "info#err" && !UNHANDLED.test(message)) this.#troubled(message);
  }

  /** The first thing that is said, unless an error by name comes after it: a mistake of syntax begins with where it is. */
  #troubled(message: string): void {
    const lines = message.trim().replace(/^error: \[runtime\]\s*/i, "").split("\n").map((line) => line.trim());
    const said = lines.find((line) => NAMED.test(line)) ?? lines[0] ?? "";
    if (this.#trouble === undefined || (NAMED.test(said) && !NAMED.test(this.#trouble))) this.#trouble = said.replace(/^Error: /, "");
  }

  #count({ passed = [], failed = [] }: { readonly passed?: readonly string[]; readonly failed?: readonly string[] }): number {
    for (const name of [...passed, ...failed]) this.#ran.add(name);
    this.#judgements += passed.length + failed.length;
    return passed.length + failed.length;
  }
}

/** Whether the engine's error is only what a PolicyTally tells better. */
export function isPolicyError(message: string): boolean {
  return CANNOT_RUN.test(message) || PACK_FAILS.test(message);
}

function inWords(urn: string | undefined): string {
  if (urn === undefined || urn === "" || urn.split("::")[2] === "pulumi:pulumi:Stack") return "the stack";
  const type = (urn.split("::")[2] ?? "").split("$").at(-1) ?? "";
  return type === SERVICE ? `service "${nameOf(urn)}"` : `resource "${nameOf(urn)}" (${type})`;
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?:]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
