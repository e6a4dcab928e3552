import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { observeAws } from "../../../aws/observe.js";
import { targetGroupName } from "../../../aws/names.js";
import { awsSettingsSchema } from "../../../model/aws-settings.js";
import type { ObservedService } from "../../../model/rollout.js";
import { SLOTS, type Slot } from "../../../model/slot.js";
import { jsonReply, xmlReply, type Call, type Reply } from "./call.js";
import type { Front } from "./front.js";

/** How a release answers. */
export interface Behaviour {
  /** Share of its answers that are 500, 0 to 1. */
  readonly errors?: number;
  /** Milliseconds that it takes. */
  readonly latencyMs?: number;
}

/** What one slot answered in one second. */
interface Second {
  requests: number;
  errors: number;
  /** Seconds. */
  readonly durations: number[];
}

/** The service whose traffic it carries. */
const SERVICE = "web";
const REGION = "eu-central-1";

/**
 * What an emulator of AWS lacks: a load balancer that answers. Real servers for users and for each slot's test route that follow the weights of the
 * users' rule and answer as the release that the slot's ECS service names; and what AWS would tell of it: healthy targets (the emulator runs no tasks: as many as the
 * service wants, unless the test breaks them) and the load balancer's metrics by the second (the emulator knows no statistic TC).
 */
export class DataPlane {
  /** By version. */
  readonly behaviour: Record<string, Behaviour> = {};
  /** Slots whose targets are unhealthy. */
  readonly broken = new Set<Slot>();
  /** Whether CloudWatch has datapoints of it. */
  measured = true;
  private readonly counts: Record<Slot, Map<number, Second>> = { blue: new Map(), green: new Map() };
  /** Whether something has changed since it looked; a test that writes past the front says so. */
  stale = true;
  private seen: ObservedService | undefined;
  private looking: Promise<ObservedService | undefined> = Promise.resolve(undefined);
  private turn = 0;

  private constructor(
    readonly stack: string,
    private readonly emulator: string,
    private readonly servers: readonly Server[],
    /** Addresses for `mission:aws.emulator`. */
    readonly addresses: { readonly production: string; readonly blue: string; readonly green: string },
    private readonly known: Record<string, unknown>,
  ) {}

  /** @param emulator address of moto itself: what is injected at the front is not for it. @param known settings of the stack that say where things lie, such as a load balancer's */
  static async start(stack: string, front: Front, emulator: string, known: Record<string, unknown> = {}): Promise<DataPlane> {
    const servers = [createServer(), createServer(), createServer()] as const;
    for (const server of servers) {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    }
    const [production = "", blue = "", green = ""] = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const plane = new DataPlane(stack, emulator, servers, { production, blue, green }, known);
    servers[0].on("request", (_asked: IncomingMessage, response: ServerResponse) => void plane.answer(response, null));
    servers[1].on("request", (_asked: IncomingMessage, response: ServerResponse) => void plane.answer(response, "blue"));
    servers[2].on("request", (_asked: IncomingMessage, response: ServerResponse) => void plane.answer(response, "green"));
    front.onChange(() => (plane.stale = true));
    front.answering((call) => plane.tell(call));
    return plane;
  }

  async close(): Promise<void> {
    for (const server of this.servers) {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    }
  }

  /** What is deployed, as the emulator holds it. */
  look(): Promise<ObservedService | undefined> {
    if (this.stale) {
      this.stale = false;
      // One after the other: an earlier look that ends later must not be the one that is believed.
      this.looking = this.looking.then(async () => {
        const settings = awsSettingsSchema.parse({ region: REGION, ...this.known, emulator: { endpoint: this.emulator } });
        const seen = (await observeAws(this.stack, settings)).services[SERVICE];
        if (this.seen?.split != null && seen?.split?.equals(this.seen.split) !== true) this.turn = 0;
        this.seen = seen;
        return seen;
      });
    }
    return this.looking;
  }

  /** Each weight exactly: of the first 100 requests after a change as many go to a slot as its weight says, evenly. */
  private slotOf(service: ObservedService): Slot {
    const green = service.split?.green ?? 0;
    this.turn += 1;
    return Math.floor((this.turn * green) / 100) > Math.floor(((this.turn - 1) * green) / 100) ? "green" : "blue";
  }

  private async answer(response: ServerResponse, route: Slot | null): Promise<void> {
    const began = performance.now();
    const service = await this.look();
    if (service === undefined) return void response.writeHead(404).end("Nothing here.");
    const slot = route ?? this.slotOf(service);
    const held = service.slots[slot];
    if (held === null || held.instances === 0) return void response.writeHead(503).end();
    const { errors = 0, latencyMs = 0 } = this.behaviour[held.spec.version] ?? {};
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
    const second = Math.floor(Date.now() / 1000);
    const count = this.counts[slot].get(second) ?? { requests: 0, errors: 0, durations: [] };
    this.counts[slot].set(second, count);
    const total = [...this.counts[slot].values()].reduce((sum, { requests }) => sum + requests, 1);
    const fails = Math.floor(total * errors) > Math.floor((total - 1) * errors);
    count.requests += 1;
    count.errors += fails ? 1 : 0;
    count.durations.push((performance.now() - began) / 1000);
    response.writeHead(fails ? 500 : 200, { "content-type": "application/json", "x-mission-release": held.spec.version }).end(JSON.stringify({ version: held.spec.version, slot }));
  }

  private async tell(call: Call): Promise<Reply | undefined> {
    if (call.action === "DescribeTargetHealth") {
      const name = (call.params.get("TargetGroupArn") ?? "").split("/")[1];
      const slot = SLOTS.find((each) => targetGroupName(this.stack, SERVICE, each) === name);
      if (slot === undefined) return undefined;
      const wanted = (await this.look())?.slots[slot]?.instances ?? 0;
      const [state, reason] = this.broken.has(slot) ? ["unhealthy", "<Reason>Target.ResponseCodeMismatch</Reason>"] : ["healthy", ""];
      const targets = Array.from({ length: wanted }, (_, index) => `<member><Target><Id>10.0.${slot === "blue" ? 1 : 2}.${index + 10}</Id><Port>8080</Port></Target><TargetHealth><State>${state}</State>${reason}</TargetHealth></member>`);
      return xmlReply("DescribeTargetHealth", `<TargetHealthDescriptions>${targets.join("")}</TargetHealthDescriptions>`);
    }
    if (call.action !== "GetMetricData" || call.json === undefined) return undefined;
    const queries = call.json["MetricDataQueries"] as readonly MetricQuery[];
    const slots = queries.map(({ MetricStat }) => slotOfGroup(this.stack, MetricStat));
    if (slots.some((slot) => slot === undefined)) return undefined;
    const [start, end] = [Number(call.json["StartTime"]), Number(call.json["EndTime"])];
    return jsonReply({ MetricDataResults: queries.map((query, index) => this.series(query, slots[index] ?? "blue", start, end)), Messages: [] });
  }

  /** Datapoints by period; none where nothing was counted, as CloudWatch has none of a metric that counts nothing. */
  private series({ Id, MetricStat: { Metric, Period, Stat } }: MetricQuery, slot: Slot, start: number, end: number) {
    const points = new Map<number, number>();
    for (const [second, count] of this.measured ? this.counts[slot] : []) {
      if (second < start || second >= end) continue;
      const value = valueOf(Metric.MetricName, Stat, count);
      const period = start + Math.floor((second - start) / Period) * Period;
      if (value > 0) points.set(period, (points.get(period) ?? 0) + value);
    }
    return { Id, Label: Metric.MetricName, Timestamps: [...points.keys()], Values: [...points.values()], StatusCode: "Complete" };
  }
}

interface MetricQuery {
  readonly Id: string;
  readonly MetricStat: { readonly Metric: { readonly MetricName: string; readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[] }; readonly Period: number; readonly Stat: string };
}

function slotOfGroup(stack: string, { Metric: { Dimensions } }: MetricQuery["MetricStat"]): Slot | undefined {
  const group = Dimensions.find(({ Name }) => Name === "TargetGroup")?.Value.split("/")[1];
  return SLOTS.find((slot) => targetGroupName(stack, SERVICE, slot) === group);
}

function valueOf(metric: string, stat: string, { requests, errors, durations }: Second): number {
  if (metric === "RequestCount") return requests;
  if (metric === "HTTPCode_Target_5XX_Count") return errors;
  const [, bound] = /^TC\(:([\d.]+)\)$/.exec(stat) ?? [];
  return metric === "TargetResponseTime" && bound !== undefined ? durations.filter((duration) => duration <= Number(bound)).length : 0;
}

