import * as grpc from "@grpc/grpc-js";
import * as messages from "@pulumi/pulumi/proto/provider_pb.js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import type { CallContext, FunctionHandler, Json } from "./handler.js";
import type { Resource } from "./resource.js";

/** A provider: its kinds of resources and its functions, by token. */
export interface Provider {
  readonly version: string;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly functions: Readonly<Record<string, FunctionHandler>>;
}

/*
 * A provider on the bare protocol: the SDK's own `provider.main` loads the whole SDK (a second), hides the recorded inputs and the ignored
 * properties from `diff`, and prints stacks. docs/decisions/0002 has the figures.
 */

/** Serves a provider on a port that the system gives; resolves with that port. */
export async function serve(provider: Provider): Promise<number> {
  const cancelled = new AbortController();
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService, methods(provider, cancelled) as unknown as grpc.UntypedServiceImplementation);
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)));
  });
}

function methods(provider: Provider, cancelled: AbortController) {
  const context = (ignored: readonly string[] = []): CallContext => ({ ignored: new Set(ignored), signal: cancelled.signal });
  const resourceOf = (urn: string): Resource => {
    const type = urn.split("::")[2]?.split("$").pop() ?? urn;
    const found = provider.resources[type];
    if (found === undefined) throw new Error(`The sandbox has no resource "${type}"; it has ${Object.keys(provider.resources).join(", ")}.`);
    return found;
  };
  return {
    getPluginInfo: unary(async () => {
      const reply = new PluginInfo();
      reply.setVersion(provider.version);
      return reply;
    }),
    attach: unary(async () => new Empty()),
    getSchema: unary(async () => {
      const reply = new messages.GetSchemaResponse();
      reply.setSchema(JSON.stringify({ name: "sandbox", version: provider.version }));
      return reply;
    }),
    checkConfig: unary(async (request: messages.CheckRequest) => {
      const reply = new messages.CheckResponse();
      reply.setInputs(request.getNews());
      return reply;
    }),
    diffConfig: unary(async () => new messages.DiffResponse()),
    configure: unary(async () => {
      // Secrets come as plain values; the engine marks what comes back. None is ever sent back.
      const reply = new messages.ConfigureResponse();
      reply.setAcceptsecrets(false);
      reply.setSupportspreview(false);
      return reply;
    }),
    invoke: unary(async (request: messages.InvokeRequest) => {
      const call = provider.functions[request.getTok()];
      if (call === undefined) throw new Error(`The sandbox has no function "${request.getTok()}".`);
      const reply = new messages.InvokeResponse();
      reply.setReturn(toStruct(await call(fromStruct(request.getArgs()))));
      return reply;
    }),
    check: unary(async (request: messages.CheckRequest) => {
      const reply = new messages.CheckResponse();
      reply.setInputs(request.getNews());
      const failures = resourceOf(request.getUrn()).check(fromStruct(request.getNews()));
      reply.setFailuresList(
        failures.map(({ path, message }) => {
          const failure = new messages.CheckFailure();
          failure.setProperty(path);
          failure.setReason(`"${path}" ${message}`);
          return failure;
        }),
      );
      return reply;
    }),
    diff: unary(async (request: messages.DiffRequest) => {
      const { changed, replaces } = await resourceOf(request.getUrn()).diff(fromStruct(request.getOldInputs()), fromStruct(request.getNews()), context(request.getIgnorechangesList()));
      return differenceReply(changed, replaces);
    }),
    create: unary(async (request: messages.CreateRequest) => {
      const { id, outputs } = await resourceOf(request.getUrn()).create(fromStruct(request.getProperties()), context());
      const reply = new messages.CreateResponse();
      reply.setId(id);
      reply.setProperties(toStruct(outputs));
      return reply;
    }),
    update: unary(async (request: messages.UpdateRequest) => {
      const outputs = await resourceOf(request.getUrn()).update(fromStruct(request.getOldInputs()), fromStruct(request.getNews()), context(request.getIgnorechangesList()));
      const reply = new messages.UpdateResponse();
      reply.setProperties(toStruct(outputs));
      return reply;
    }),
    read: unary(async (request: messages.ReadRequest) => {
      const reply = new messages.ReadResponse();
      const found = await resourceOf(request.getUrn()).read(fromStruct(request.getInputs()), context());
      if (found === undefined) return reply; // An empty id tells the engine that it is gone.
      reply.setId(request.getId());
      reply.setProperties(toStruct(found.outputs));
      reply.setInputs(toStruct(found.inputs));
      return reply;
    }),
    delete: unary(async (request: messages.DeleteRequest) => {
      await resourceOf(request.getUrn()).delete(fromStruct(request.getOldInputs()), context());
      return new Empty();
    }),
    cancel: unary(async () => {
      cancelled.abort();
      return new Empty();
    }),
  };
}

function differenceReply(changed: readonly string[], replaces: readonly string[]): messages.DiffResponse {
  const reply = new messages.DiffResponse();
  reply.setChanges(changed.length > 0 ? messages.DiffResponse.DiffChanges.DIFF_SOME : messages.DiffResponse.DiffChanges.DIFF_NONE);
  reply.setDiffsList([...changed]);
  reply.setReplacesList([...replaces]);
  reply.setDeletebeforereplace(replaces.length > 0);
  return reply;
}

/** A unary gRPC method from a function; what it throws reaches the user as one sentence. */
function unary<Request, Reply>(answer: (request: Request) => Promise<Reply>): grpc.handleUnaryCall<Request, Reply> {
  return (call, callback) => {
    answer(call.request).then(
      (reply) => callback(null, reply),
      (error: unknown) => callback({ code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) }),
    );
  };
}

function fromStruct(struct: Struct | undefined): Json {
  return (struct?.toJavaScript() ?? {}) as Json;
}

function toStruct(value: Json): Struct {
  return Struct.fromJavaScript(value as Record<string, JavaScriptValue>);
}
