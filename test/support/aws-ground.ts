/** Parts of `mission:aws` that name what an account has already, so that nothing of the kind is made. */
export const NETWORK = { vpc: "vpc-0a1b2c3d4e5f67890", publicSubnets: ["subnet-0a1b2c3d4e5f67891", "subnet-0a1b2c3d4e5f67892"], privateSubnets: ["subnet-0a1b2c3d4e5f67893"] };
export const CLUSTER = "arn:aws:ecs:eu-central-1:123456789012:cluster/shared";
export const LOAD_BALANCER = {
  arn: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shared/50dc6c495c0c9188",
  securityGroup: "sg-0a1b2c3d4e5f67894",
  address: "shared-1.eu-central-1.elb.amazonaws.com",
  listener: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shared/50dc6c495c0c9188/f2f7dc8efc522ab2",
};
export const DOMAIN = { name: "shop.example.com", zone: "Z0123456789ABCDEFGHIJ" };
