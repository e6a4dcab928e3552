import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A comment as the interface gives it. */
export interface StoredComment {
  readonly id: number;
  readonly html_url: string;
  body: string;
  readonly user: { readonly login: string } | null;
}

/** What a request meets instead of an answer, or, with `after`, once it was carried out. */
export type Fault = { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly message?: string; readonly after?: boolean } | { readonly lost: "before" | "after" };

/** Characters that the interface takes as a comment's body. */
const LIMIT = 65_536;

/**
 * The comments of pull requests as GitHub's REST interface gives them: pages with a Link header, tokens with a login each, 401, 404, 422; and faults in
 * the order in which they were asked for. A real server on 127.0.0.1, on a port that the system gives.
 */
export class CommentApi {
  readonly comments: StoredComment[] = [];
  /** Every request as `METHOD path`, in order. */
  readonly asked: string[] = [];
  private readonly faults: { readonly method: string; readonly fault: Fault }[] = [];
  private nextId = 1_000;
  /** Comments on a page at most, whatever is asked for. */
  pageSize = 100;
  /** The address of its interface; it stays the same when it is stopped. */
  url = "";
  /** The address under which it names further pages. */
  pagesAt = "";
  /** Whether a token may only read. */
  readOnly = false;

  private constructor(
    private readonly server: Server,
    /** Logins by token; null: a token that may not ask who it is, as that of GitHub Actions, and writes as `github-actions[bot]`. */
    private readonly tokens: ReadonlyMap<string, string | null>,
    private readonly repository: string,
    private readonly pullRequest: number,
  ) {}

  static async start(tokens: Readonly<Record<string, string | null>>, { repository = "octo/shop", pullRequest = 7 } = {}): Promise<CommentApi> {
    const server = createServer();
    const api = new CommentApi(server, new Map(Object.entries(tokens)), repository, pullRequest);
    server.on("request", (request, response) => void api.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    api.url = api.pagesAt = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return api;
  }

  /** The next request with this method meets the fault. */
  fail(method: "GET" | "POST" | "PATCH", fault: Fault): void {
    this.faults.push({ method, fault });
  }

  /** Somebody else's comment, or an earlier one. */
  add(login: string | null, body: string): StoredComment {
    const id = (this.nextId += 1);
    const comment: StoredComment = { id, html_url: `https://git.example.org/${this.repository}/pull/${this.pullRequest}#issuecomment-${id}`, body, user: login === null ? null : { login } };
    this.comments.push(comment);
    return comment;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const { method = "", url = "" } = request;
    this.asked.push(`${method} ${url}`);
    const at = this.faults.findIndex((each) => each.method === method);
    const fault = at < 0 ? undefined : this.faults.splice(at, 1)[0]?.fault;
    const reply = fault === undefined || ("lost" in fault ? fault.lost === "after" : fault.after === true) ? this.carryOut(method, new URL(url, this.url), request.headers.authorization, text) : null;
    if (fault !== undefined && "lost" in fault) return void request.socket.destroy();
    const { status, body, headers } = fault !== undefined ? { status: fault.status, body: { message: fault.message ?? "fault" }, headers: fault.headers } : (reply ?? { status: 500, body: null, headers: {} });
    response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers }).end(JSON.stringify(body));
  }

  private carryOut(method: string, url: URL, authorization: string | undefined, text: string): { status: number; body: unknown; headers?: Readonly<Record<string, string>> } {
    const token = /^Bearer (.+)$/.exec(authorization ?? "")?.[1] ?? "";
    if (!this.tokens.has(token)) return { status: 401, body: { message: "Bad credentials" } };
    const login = this.tokens.get(token) ?? null;
    if (method === "GET" && url.pathname === "/user") return login === null ? { status: 403, body: { message: "Resource not accessible by integration" } } : { status: 200, body: { login } };
    const list = `/repos/${this.repository}/issues/${this.pullRequest}/comments`;
    if (method === "GET" && url.pathname === list) return this.page(url);
    const known = /^\/repos\/octo\/shop\/issues\/comments\/(\d+)$/.exec(url.pathname);
    if (this.readOnly && (method === "POST" || method === "PATCH")) return { status: 403, body: { message: "Resource not accessible by integration" } };
    if (method === "POST" && url.pathname === list) return this.written(text, (body) => ({ status: 201, body: this.add(login ?? "github-actions[bot]", body) }));
    const comment = this.comments.find(({ id }) => id === Number(known?.[1]));
    if (method !== "PATCH" || comment === undefined) return { status: 404, body: { message: "Not Found" } };
    // As on GitHub, a token that may write may change comments of others: not to do so is the caller's duty.
    return this.written(text, (body) => {
      comment.body = body;
      return { status: 200, body: comment };
    });
  }

  private page(url: URL): { status: number; body: unknown; headers: Readonly<Record<string, string>> } {
    const size = Math.min(Number(url.searchParams.get("per_page") ?? 30), this.pageSize);
    const page = Number(url.searchParams.get("page") ?? 1);
    const next = page * size < this.comments.length ? { link: `<${this.pagesAt}${url.pathname}?per_page=${size}&page=${page + 1}>; rel="next", <${this.pagesAt}${url.pathname}?per_page=${size}&page=99>; rel="last"` } : {};
    return { status: 200, body: this.comments.slice((page - 1) * size, page * size), headers: next as Readonly<Record<string, string>> };
  }

  private written(text: string, write: (body: string) => { status: number; body: unknown }): { status: number; body: unknown } {
    const body = (JSON.parse(text) as { body?: unknown }).body;
    if (typeof body !== "string" || body.length > LIMIT) return { status: 422, body: { message: "Validation Failed: Body is too long (maximum is 65536 characters)" } };
    return write(body);
  }
}
