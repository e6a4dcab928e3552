import { z } from "zod";
import { durationSchema } from "./duration.js";

const timing = {
  /** Time between two probes. 100ms to 5m. */
  interval: durationSchema("100ms", "5m").default("1s").describe("Time between two probes, 100ms to 5m. Default 1s."),
  /** How long one probe may take. 50ms to 1m. */
  timeout: durationSchema("50ms", "1m").default("5s").describe("How long one probe may take, 50ms to 1m. Default 5s."),
  /** Successes in a row before the instance counts as healthy. 1 to 10. */
  successes: z.int().min(1).max(10).default(2).describe("Successes in a row before an instance counts as healthy, 1 to 10. Default 2."),
  /** Failures in a row before it counts as unhealthy. 1 to 20. */
  failures: z.int().min(1).max(20).default(3).describe("Failures in a row before an instance counts as unhealthy, 1 to 20. Default 3."),
};

const http = z.strictObject({
  http: z.string().regex(/^\//, "allowed is a path that begins with /").describe("Path that must answer with a status from 200 to 399."),
  ...timing,
});
const tcp = z.strictObject({ tcp: z.literal(true).describe("The port must accept a connection."), ...timing });
const command = z.strictObject({
  command: z.array(z.string()).min(1).describe("Command that must exit with 0; it sees PORT."),
  ...timing,
});

/** How an instance is asked whether it is well: over HTTP, by a TCP connection, or by a command. */
export const probeSchema = z.union([http, tcp, command], { error: "allowed is one of {http: /path}, {tcp: true}, {command: [...]}" });
export type Probe = z.output<typeof probeSchema>;
