import * as pulumi from "@pulumi/pulumi";

/** One resource as the program declared it. */
export interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly custom: boolean;
}

const KNOWN = /^(sandbox:index:(Slot|TrafficSplit|Alarm|Database)|mission:index:\w+|pulumi:pulumi:(Stack|StackReference))$/;

/** Records what is declared; an unknown token is an error. Outputs are what the platform would confirm. */
export function recordDeclarations(observed: string, outputs: Readonly<Record<string, unknown>> = {}): Declared[] {
  const declared: Declared[] = [];
  void pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs, custom }) {
        if (!KNOWN.test(type)) throw new Error(`The program declares a "${type}", which no test knows.`);
        declared.push({ type, name, inputs: inputs as Record<string, unknown>, custom: custom === true });
        const { live, split } = inputs as { live?: unknown; split?: unknown };
        const confirmed = type === "sandbox:index:TrafficSplit" ? { confirmed: { live, split }, endpoints: { production: "http://127.0.0.1:1", blue: "http://127.0.0.1:2", green: "http://127.0.0.1:3" } } : {};
        const own = type === "pulumi:pulumi:StackReference" ? { outputs } : {};
        return { id: `${name}-id`, state: { ...inputs, ...confirmed, ...own } };
      },
      call({ token }) {
        if (token !== "sandbox:index:observe") throw new Error(`The program calls "${token}", which no test knows.`);
        return { services: observed };
      },
    },
    "mission-deploy",
    "production",
    false,
    "organization",
  );
  return declared;
}
