import type { ResourceValidationPolicy } from "@pulumi/policy";
import { at, known, listOf, UNKNOWN, type Known } from "./known.js";
import { USERS_PORTS } from "./tls.js";
import { typedPolicy } from "./typed-policy.js";

const RULE = "aws:ec2/securityGroupRule:SecurityGroupRule";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const GROUPS = ["aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"];

/** Ranges with shorter prefixes are the public: two halves of the internet would otherwise be let in as two ranges. */
const LEAST_PREFIX = { four: 8, six: 16 };

/** What lets somebody in, each type's own inputs brought to one form. */
interface Door {
  readonly protocol: unknown;
  readonly from: unknown;
  readonly to: unknown;
  readonly ranges: readonly unknown[];
}

/** On a test route a slot answers whatever its weight: what nobody has approved yet, or what was taken back. */
export function testRoutesClosed(): ResourceValidationPolicy {
  return typedPolicy(
    {
      name: "aws-test-routes-closed",
      description: "Security groups open no other ports to the public than 80 and 443, so that test routes and tasks stay closed.",
      severity: "critical",
      remediation: "Name who may reach the test routes under `mission:aws:loadBalancer:testRoutes:from` in the stack's file, such as the address of the machine that runs missions.",
    },
    [RULE, INGRESS, ...GROUPS],
    ({ name, type, props }) =>
      doorsOf(type, props).flatMap((door) => {
        const open = door.ranges.filter(isPublic);
        return open.length === 0 || isForUsers(door) ? [] : [`"${name}" (${type}) opens ${portsOf(door)} to ${open.join(" and ")}; allowed for everybody are ports 80 and 443.`];
      }),
  );
}

function doorsOf(type: string, props: Known): Door[] {
  if (type === INGRESS) {
    const { ipProtocol, fromPort, toPort, cidrIpv4, cidrIpv6 } = known(props, ["ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6"]);
    return [{ protocol: ipProtocol, from: fromPort, to: toPort, ranges: [cidrIpv4, cidrIpv6] }];
  }
  if (type === RULE) {
    const read = known(props, ["type", "protocol", "fromPort", "toPort", "cidrBlocks", "ipv6CidrBlocks"]);
    return read["type"] === "egress" ? [] : [doorOf(read)];
  }
  const rules = listOf(known(props, ["ingress"])["ingress"]);
  return rules === UNKNOWN ? [] : rules.map((rule) => doorOf({ ...Object.fromEntries(["protocol", "fromPort", "toPort", "cidrBlocks", "ipv6CidrBlocks"].map((key) => [key, at(rule, key)])) }));
}

function doorOf({ protocol, fromPort, toPort, cidrBlocks, ipv6CidrBlocks }: Known): Door {
  const ranges = [cidrBlocks, ipv6CidrBlocks].map(listOf).flatMap((list) => (list === UNKNOWN ? [] : list));
  return { protocol, from: fromPort, to: toPort, ranges };
}

function isPublic(range: unknown): range is string {
  if (typeof range !== "string") return false;
  const [, address = "", bits = ""] = /^([^/]*)\/(\d+)$/.exec(range) ?? [];
  return bits !== "" && Number(bits) < (address.includes(":") ? LEAST_PREFIX.six : LEAST_PREFIX.four);
}

/** Exactly one port of users; with every protocol ("-1") the ports mean nothing. */
function isForUsers({ protocol, from, to }: Door): boolean {
  if ([protocol, from, to].includes(UNKNOWN)) return true;
  return ["tcp", "udp", "6", "17"].includes(String(protocol)) && from === to && USERS_PORTS.includes(from);
}

function portsOf({ protocol, from, to }: Door): string {
  if (from === undefined || !["tcp", "udp", "6", "17"].includes(String(protocol))) return "every port";
  return from === to ? `port ${String(from)}` : `ports ${String(from)} to ${String(to)}`;
}
