/** Calls an emulator by the query protocol, as a client would that this program does not need otherwise. @throws Error with what it said */
export async function call(endpoint: string, service: "ec2" | "elasticloadbalancing" | "sqs" | "monitoring", version: string, params: Readonly<Record<string, string>>): Promise<string> {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", authorization: `AWS4-HMAC-SHA256 Credential=emulator/20260101/eu-central-1/${service}/aws4_request, SignedHeaders=host, Signature=0` },
    body: new URLSearchParams({ Version: version, ...params }).toString(),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${params["Action"] ?? ""} answered ${response.status}: ${text}`);
  return text;
}

/** What stands first between two tags. */
export function between(text: string, tag: string): string {
  const [, found] = new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(text) ?? [];
  if (found === undefined) throw new Error(`There is no <${tag}> in ${text.slice(0, 500)}`);
  return found;
}

const ec2 = (endpoint: string, params: Readonly<Record<string, string>>) => call(endpoint, "ec2", "2016-11-15", params);
const balancing = (endpoint: string, params: Readonly<Record<string, string>>) => call(endpoint, "elasticloadbalancing", "2015-12-01", params);

/** Network and load balancer that an account has already, as the settings of a stack name them: then nothing of the kind is made, which takes the provider two minutes. */
export async function existingGround(endpoint: string, name: string): Promise<{ network: Record<string, unknown>; loadBalancer: Record<string, string> }> {
  const vpc = between(await ec2(endpoint, { Action: "CreateVpc", CidrBlock: "10.0.0.0/16" }), "vpcId");
  const subnet = async (cidr: string, zone: string) => between(await ec2(endpoint, { Action: "CreateSubnet", VpcId: vpc, CidrBlock: cidr, AvailabilityZone: `eu-central-1${zone}` }), "subnetId");
  const publicSubnets = [await subnet("10.0.0.0/24", "a"), await subnet("10.0.1.0/24", "b")];
  const privateSubnets = [await subnet("10.0.2.0/24", "a"), await subnet("10.0.3.0/24", "b")];
  const securityGroup = between(await ec2(endpoint, { Action: "CreateSecurityGroup", GroupName: name, GroupDescription: name, VpcId: vpc }), "groupId");
  const made = await balancing(endpoint, { Action: "CreateLoadBalancer", Name: name, "Subnets.member.1": publicSubnets[0] ?? "", "Subnets.member.2": publicSubnets[1] ?? "", "SecurityGroups.member.1": securityGroup });
  const arn = between(made, "LoadBalancerArn");
  const listener = between(
    await balancing(endpoint, { Action: "CreateListener", LoadBalancerArn: arn, Protocol: "HTTP", Port: "80", "DefaultActions.member.1.Type": "fixed-response", "DefaultActions.member.1.FixedResponseConfig.StatusCode": "404" }),
    "ListenerArn",
  );
  return { network: { vpc, publicSubnets, privateSubnets }, loadBalancer: { arn, securityGroup, address: between(made, "DNSName"), listener } };
}

/** A hosted zone of Route 53. */
export async function hostedZone(endpoint: string, domain: string): Promise<string> {
  const response = await fetch(`${endpoint}/2013-04-01/hostedzone`, {
    method: "POST",
    headers: { "content-type": "text/xml", authorization: "AWS4-HMAC-SHA256 Credential=emulator/20260101/us-east-1/route53/aws4_request, SignedHeaders=host, Signature=0" },
    body: `<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Name>${domain}</Name><CallerReference>${domain}</CallerReference></CreateHostedZoneRequest>`,
  });
  return between(await response.text(), "Id").replace("/hostedzone/", "");
}
