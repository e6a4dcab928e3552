import * as acm from "@pulumi/aws/acm/index.js";
import * as route53 from "@pulumi/aws/route53/index.js";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsSettings } from "../../model/aws-settings.js";

type Domain = NonNullable<AwsSettings["domain"]>;

/** The certificate that is named, or a new one that proves itself by a record in the hosted zone. */
export function certificateFor(name: string, { name: domainName, zone, certificate: given }: Domain, opts: pulumi.CustomResourceOptions): pulumi.Input<string> {
  if (given !== undefined) return given;
  const made = new acm.Certificate(`${name}-certificate`, { domainName, validationMethod: "DNS" }, opts);
  // One name, so one record.
  const wanted = made.domainValidationOptions.apply(([first]) => first ?? { resourceRecordName: "", resourceRecordType: "CNAME", resourceRecordValue: "" });
  const proof = new route53.Record(
    `${name}-certificate-proof`,
    { zoneId: zone, name: wanted.apply((each) => each.resourceRecordName), type: wanted.apply((each) => each.resourceRecordType) as pulumi.Output<"CNAME">, records: [wanted.apply((each) => each.resourceRecordValue)], ttl: 60, allowOverwrite: true },
    opts,
  );
  return new acm.CertificateValidation(`${name}-certificate-valid`, { certificateArn: made.arn, validationRecordFqdns: [proof.fqdn] }, opts).certificateArn;
}

/** The domain leads to the load balancer. */
export function domainRecord(name: string, { name: domainName, zone }: Domain, balancer: { readonly address: pulumi.Input<string>; readonly zone: pulumi.Input<string> }, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  return new route53.Record(`${name}-domain`, { zoneId: zone, name: domainName, type: "A", aliases: [{ name: balancer.address, zoneId: balancer.zone, evaluateTargetHealth: true }] }, opts);
}
