import { readFile } from "node:fs/promises";
import { parseNotifications } from "../notify/notification-log.js";
import { replaceFile } from "../replace-file.js";
import type { MissionFolder } from "../store/mission-folder.js";
import { postMortemMarkdown } from "./post-mortem.js";
import { reportMarkdown } from "./report-markdown.js";
import { reportOf, type Report } from "./report.js";

/** Writes a mission's report beside its journal, as Markdown and JSON, and the draft of a post-mortem where it did not succeed. */
export async function writeReport(folder: MissionFolder): Promise<Report> {
  const told = parseNotifications(await readFile(folder.path("notifications.jsonl"), "utf8").catch(() => ""));
  const report = reportOf(await folder.record(), told);
  await replaceFile(folder.path("report.json"), `${JSON.stringify(report, null, 2)}\n`);
  await replaceFile(folder.path("report.md"), reportMarkdown(report));
  const postMortem = postMortemMarkdown(report);
  if (postMortem !== null) await replaceFile(folder.path("post-mortem.md"), postMortem);
  return report;
}
