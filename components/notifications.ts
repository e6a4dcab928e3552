import * as pulumi from "@pulumi/pulumi";
import type { NotificationTarget } from "./platform.js";

/** Inputs of {@link Notifications}. */
export interface NotificationsArgs {
  readonly targets: readonly NotificationTarget[];
}

/** Who is told: the targets that every alarm of an environment uses. */
export class Notifications extends pulumi.ComponentResource {
  readonly targets: readonly NotificationTarget[];

  constructor(name: string, args: NotificationsArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("mission:index:Notifications", name, args, opts);
    this.targets = args.targets;
    this.registerOutputs({ targets: this.targets });
  }
}
