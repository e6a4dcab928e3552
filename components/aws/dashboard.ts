import * as cloudwatch from "@pulumi/aws/cloudwatch/index.js";
import type * as lb from "@pulumi/aws/lb/index.js";
import * as pulumi from "@pulumi/pulumi";
import { SLOTS, type PerSlot } from "../../model/slot.js";
import type { Shared } from "./shared.js";

/** One row per service: requests, failures, response times and healthy targets, each slot in its colour. */
export function dashboard(name: string, service: string, targetGroups: PerSlot<lb.TargetGroup>, shared: Shared, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  const body = pulumi.all([targetGroups.blue.arnSuffix, targetGroups.green.arnSuffix, shared.balancer.dimension]).apply(([blue, green, balancer]) => {
    const widget = (title: string, metric: string, stat: string, index: number) => ({
      type: "metric",
      x: (index % 4) * 6,
      y: 0,
      width: 6,
      height: 6,
      properties: {
        title,
        region: shared.settings.region,
        period: 60,
        stat,
        metrics: SLOTS.map((slot) => ["AWS/ApplicationELB", metric, "TargetGroup", slot === "blue" ? blue : green, "LoadBalancer", balancer, { label: slot, color: slot === "blue" ? "#1f77b4" : "#2ca02c" }]),
      },
    });
    return JSON.stringify({ widgets: [widget("Requests", "RequestCount", "Sum", 0), widget("Answers 5xx", "HTTPCode_Target_5XX_Count", "Sum", 1), widget("Response time p95", "TargetResponseTime", "p95", 2), widget("Healthy targets", "HealthyHostCount", "Minimum", 3)] });
  });
  return new cloudwatch.Dashboard(name, { dashboardName: `${shared.stack}-${service}`, dashboardBody: body }, opts);
}
