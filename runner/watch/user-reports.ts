import type { EnvironmentSettings } from "../../model/environment-settings.js";
import type { GateResult } from "../../model/verdict.js";
import type { Answer } from "./asking.js";
import { openReportFile } from "./report-file.js";
import { openReportPort } from "./report-port.js";

/** Where error reports of users come in: a file, or a port on 127.0.0.1. */
export type UserReportsSetting = NonNullable<EnvironmentSettings["userReports"]>;

/** Error reports of users since they were opened. */
export interface UserReports {
  /** Where they come in, as a sentence. */
  readonly where: string;
  /** How many so far, and the last three texts, cut and cleaned. */
  count(): Promise<Answer<ReportCount>>;
  close(): Promise<void>;
}

/** How many reports there were. */
export interface ReportCount {
  readonly reports: number;
  /** The last ones, at most 3. */
  readonly last: readonly string[];
}

const KEPT = 3;
const LONGEST = 200;

/** Begins to count. A port that is in use, or a path that is no file, is an answer that is not ok. */
export async function openUserReports(setting: UserReportsSetting): Promise<Answer<UserReports>> {
  return "file" in setting ? openReportFile(setting.file) : openReportPort(setting.port);
}

/** Keeps the number of reports and the last texts. */
export class ReportTally {
  #reports = 0;
  #last: readonly string[] = [];

  add(text: string): void {
    this.#reports += 1;
    this.#last = [...this.#last, cleaned(text)].slice(-KEPT);
  }

  count(): ReportCount {
    return { reports: this.#reports, last: this.#last };
  }
}

/** The gate `user-reports`: at most so many reports. */
export function judgeReports(answer: Answer<ReportCount>, allowed: number): GateResult {
  if (!answer.ok) return { gate: "user-reports", verdict: "ERROR", summary: answer.reason, details: [], measured: { reports: null, allowed } };
  const { reports, last } = answer.value;
  return {
    gate: "user-reports",
    verdict: reports <= allowed ? "PASS" : "FAIL",
    summary: `Users sent ${reports} error ${reports === 1 ? "report" : "reports"}; allowed are ${allowed}.`,
    details: last.map((text) => `Report: ${text}`),
    measured: { reports, allowed },
  };
}

/** Without control characters (which could steer a terminal) and those that turn the direction of writing; at most 200 characters. */
function cleaned(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  const characters = [...plain];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join("")}…` : plain;
}
