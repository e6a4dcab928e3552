/**
 * Why a request counts as failed, but for `stopped`:
 * - `status`: answered, but not with 2xx or 3xx
 * - `refused`: no connection was accepted; `unreachable`: no way to the host, or no such name
 * - `reset`: the connection was lost before the response began
 * - `timeout`: no complete response in time; for a stream, silence for that long
 * - `early-end`: the response began and did not end properly
 * - `protocol`: the response is not HTTP
 * - `client`: never sent, because the prober's own machine ran out of ports or files, or HTTP does not allow such a request; says nothing about the server
 * - `other`: anything else, such as a certificate that is not trusted
 * - `stopped`: the prober itself gave the request up because it was told to end; neither answered nor failed
 */
export type ProbeError = "status" | "refused" | "unreachable" | "reset" | "timeout" | "early-end" | "protocol" | "client" | "other" | "stopped";

/** One request, as it is written to the log. Times are milliseconds since 1970 with three decimals. */
export interface Outcome {
  /** `<run>-<n>`, also sent as `x-request-id`. */
  readonly id: string;
  /** When it was due, fixed beforehand. */
  readonly scheduled: number;
  /** When it was written to a connection; null if it never was. */
  readonly sent: number | null;
  /** When it was complete, or was known to have failed. */
  readonly ended: number;
  /** HTTP status; null if no response began. */
  readonly status: number | null;
  readonly error: ProbeError | null;
  /** Response header `x-mission-slot`. */
  readonly slot: string | null;
  /** Response header `x-mission-release`. */
  readonly release: string | null;
}

const BY_CODE: Readonly<Record<string, ProbeError>> = {
  ECONNREFUSED: "refused",
  ENOENT: "refused",
  ENOTFOUND: "unreachable",
  EAI_AGAIN: "unreachable",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ECONNRESET: "reset",
  EPIPE: "reset",
  UND_ERR_SOCKET: "reset",
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "early-end",
  EADDRNOTAVAIL: "client",
  EMFILE: "client",
  ENFILE: "client",
  ENOBUFS: "client",
  UND_ERR_INVALID_ARG: "client",
  UND_ERR_NOT_SUPPORTED: "client",
};

/**
 * What kind of failure a transport error is.
 * @param responseBegan whether status and headers had arrived
 */
export function kindOf(error: Error & { readonly code?: unknown }, responseBegan: boolean): ProbeError {
  const code = typeof error.code === "string" ? error.code : "";
  if (error.name === "HTTPParserError") {
    // The parser's words for a connection that ended inside a message; undici gives no code for it.
    if (!error.message.includes("Invalid EOF state")) return "protocol";
    return responseBegan ? "early-end" : "reset";
  }
  const kind = BY_CODE[code] ?? "other";
  return kind === "reset" && responseBegan ? "early-end" : kind;
}

/** Whether a status is a success: 2xx or 3xx. */
export function isSuccess(status: number | null): boolean {
  return status !== null && status >= 200 && status <= 399;
}
