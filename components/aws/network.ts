import * as ec2 from "@pulumi/aws/ec2/index.js";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsSettings } from "../../model/aws-settings.js";

/** Where load balancer and tasks are. */
export interface Network {
  readonly vpc: pulumi.Input<string>;
  readonly publicSubnets: pulumi.Input<string>[];
  readonly privateSubnets: pulumi.Input<string>[];
  readonly resources: readonly pulumi.Resource[];
}

/** The network that is named, or a new one: a public and a private subnet in each of two zones, with a way out for the private ones. */
export function network(name: string, { region, network: given }: AwsSettings, opts: pulumi.CustomResourceOptions): Network {
  const { vpc, publicSubnets, privateSubnets } = given;
  if (vpc !== undefined && publicSubnets !== undefined && privateSubnets !== undefined) return { vpc, publicSubnets, privateSubnets, resources: [] };
  const made = new ec2.Vpc(`${name}-vpc`, { cidrBlock: given.cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: { Name: name } }, opts);
  const gateway = new ec2.InternetGateway(`${name}-internet`, { vpcId: made.id, tags: { Name: name } }, opts);
  const ways: pulumi.Resource[] = [];
  const outward = new ec2.RouteTable(`${name}-public`, { vpcId: made.id, tags: { Name: `${name}-public` } }, opts);
  ways.push(new ec2.Route(`${name}-public`, { routeTableId: outward.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id }, opts));
  const zones = given.zones ?? [`${region}a`, `${region}b`];
  const blocks = quarters(given.cidr);
  const open: ec2.Subnet[] = [];
  const closed: ec2.Subnet[] = [];
  const gates: ec2.NatGateway[] = [];
  zones.forEach((availabilityZone, index) => {
    const zone = index === 0 ? "a" : "b";
    // Nothing in it gets a public address by itself: the load balancer and the gateways have theirs of their own.
    const out = new ec2.Subnet(`${name}-public-${zone}`, { vpcId: made.id, cidrBlock: blocks[index] as string, availabilityZone, mapPublicIpOnLaunch: false, tags: { Name: `${name}-public-${zone}` } }, opts);
    ways.push(new ec2.RouteTableAssociation(`${name}-public-${zone}`, { subnetId: out.id, routeTableId: outward.id }, opts));
    open.push(out);
    if (index < given.natGateways) {
      const address = new ec2.Eip(`${name}-out-${zone}`, { domain: "vpc", tags: { Name: `${name}-out-${zone}` } }, opts);
      gates.push(new ec2.NatGateway(`${name}-out-${zone}`, { subnetId: out.id, allocationId: address.id, tags: { Name: `${name}-out-${zone}` } }, { ...opts, dependsOn: [gateway] }));
    }
    const inner = new ec2.Subnet(`${name}-private-${zone}`, { vpcId: made.id, cidrBlock: blocks[index + 2] as string, availabilityZone, mapPublicIpOnLaunch: false, tags: { Name: `${name}-private-${zone}` } }, opts);
    const table = new ec2.RouteTable(`${name}-private-${zone}`, { vpcId: made.id, tags: { Name: `${name}-private-${zone}` } }, opts);
    const gate = gates[index] ?? gates[0];
    if (gate !== undefined) ways.push(new ec2.Route(`${name}-private-${zone}`, { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", natGatewayId: gate.id }, opts));
    ways.push(new ec2.RouteTableAssociation(`${name}-private-${zone}`, { subnetId: inner.id, routeTableId: table.id }, opts));
    closed.push(inner);
  });
  return { vpc: made.id, publicSubnets: open.map(({ id }) => id), privateSubnets: closed.map(({ id }) => id), resources: ways };
}

/** A range in four equal parts. @throws RangeError for one that is smaller than /26: a subnet has at least 16 addresses. */
export function quarters(cidr: string): string[] {
  const [address = "", bits = ""] = cidr.split("/");
  const size = Number(bits);
  if (size > 26) throw new RangeError(`"${cidr}" is too small for four subnets; allowed is /16 to /26.`);
  const start = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const step = 2 ** (32 - size - 2);
  return [0, 1, 2, 3].map((part) => {
    const first = start + part * step;
    return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${size + 2}`;
  });
}
