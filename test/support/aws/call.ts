/** A call of one of AWS's interfaces, as it comes over HTTP. */
export interface Call {
  /** As in the signature's scope, such as `elasticloadbalancing`. */
  readonly service: string;
  /** Such as `DescribeRules`; empty for calls by path (S3, Route 53). */
  readonly action: string;
  /** Parameters of the query protocol; empty otherwise. */
  readonly params: URLSearchParams;
  /** Body of a JSON protocol; undefined otherwise. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
}

export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export function readCall(headers: Readonly<Record<string, string | string[] | undefined>>, body: Buffer): Call {
  const [, service = ""] = /Credential=[^/]*\/[^/]*\/[^/]*\/([^/]+)\//.exec(String(headers["authorization"] ?? "")) ?? [];
  const type = String(headers["content-type"] ?? "");
  const target = String(headers["x-amz-target"] ?? "");
  if (target !== "") return { service, action: target.split(".").pop() ?? "", params: new URLSearchParams(), json: JSON.parse(body.toString() || "{}") as Record<string, unknown> };
  const params = new URLSearchParams(type.includes("x-www-form-urlencoded") ? body.toString() : "");
  return { service, action: params.get("Action") ?? "", params, json: undefined };
}

/** A success in the protocol of a call: XML of the query protocol. */
export function xmlReply(action: string, result: string): Reply {
  return { status: 200, type: "text/xml", body: `<${action}Response><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>front</RequestId></ResponseMetadata></${action}Response>` };
}

export function jsonReply(value: unknown): Reply {
  return { status: 200, type: "application/x-amz-json-1.0", body: JSON.stringify(value) };
}

/** A refusal in the protocol of a call. */
export function errorReply(call: Call, status: number, code: string, message: string): Reply {
  if (call.json !== undefined) return { status, type: "application/x-amz-json-1.1", body: JSON.stringify({ __type: code, message }) };
  return { status, type: "text/xml", body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>front</RequestId></ErrorResponse>` };
}
