import type { ProbeSummary } from "./summary.js";

/** What a caller asks of a prober's process; it is stopped by SIGTERM. Each is answered by a snapshot: of everything, or of what came after the mark. */
export interface SnapshotRequest {
  readonly type: "snapshot" | "snapshot-since-mark" | "mark";
  readonly ask: number;
}

/** What a prober's process tells its caller. */
export type ProberMessage =
  | { readonly type: "started" }
  | { readonly type: "answered" }
  | { readonly type: "snapshot"; readonly ask: number; readonly summary: ProbeSummary }
  | { readonly type: "finished"; readonly summary: ProbeSummary }
  | { readonly type: "failed"; readonly reason: string };
