import type { z } from "zod";

/** A value as it crosses the wire: plain JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** What a handler is told of one call. */
export interface CallContext {
  /** Inputs that the program wants left as they are. */
  readonly ignored: ReadonlySet<string>;
  /** Ends when the engine cancels. */
  readonly signal: AbortSignal;
}

/** What a resource is now, on the platform. Inputs as a program would declare it. */
export interface ReadBack<Inputs> {
  readonly inputs: Inputs;
  readonly outputs: Json;
}

/** One kind of resource. Every operation is idempotent by the resource's name: doing it again, after a kill say, changes nothing. */
export interface ResourceHandler<Inputs> {
  readonly schema: z.ZodType<Inputs>;
  /** Inputs that name the resource; another value is another resource. */
  readonly identity: readonly (keyof Inputs & string)[];
  /** Inputs that make no difference by themselves. */
  readonly incidental: readonly (keyof Inputs & string)[];
  id(inputs: Inputs): string;
  /** Inputs that the platform does not have as wanted, beyond those that differ from the recorded ones. Changes nothing. */
  drift(wanted: Inputs, context: CallContext): Promise<readonly (keyof Inputs & string)[]>;
  /** Makes it so and confirms it by reading back. `changed`: the inputs that differ from the recorded ones; undefined when it is new. */
  put(wanted: Inputs, changed: ReadonlySet<string> | undefined, context: CallContext): Promise<Json>;
  /** Undefined when it is gone. */
  read(recorded: Inputs, context: CallContext): Promise<ReadBack<Inputs> | undefined>;
  delete(recorded: Inputs, context: CallContext): Promise<void>;
}

/** A function that a program can call. */
export type FunctionHandler = (args: Json) => Promise<Json>;
