provider "aws" {
  region = var.region
}

locals {
  name  = "hospital-${var.environment}"
  zones = [for letter in ["a", "b"] : "${var.region}${letter}"]

  tags = {
    Application = "hospital"
    Environment = var.environment
  }
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr_block
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = merge(local.tags, { Name = local.name })
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge(local.tags, { Name = local.name })
}

module "tier" {
  source   = "./modules/tier"
  for_each = { public = 0, application = 1, data = 2 }

  name        = "${local.name}-${each.key}"
  tier        = each.key
  vpc_id      = aws_vpc.this.id
  cidr_blocks = [for n, zone in local.zones : cidrsubnet(var.cidr_block, 8, each.value * 10 + n)]
  zones       = local.zones
  public      = each.key == "public"
  tags        = local.tags
}

resource "aws_route" "to_internet" {
  route_table_id         = module.tier["public"].route_table_id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

# Each tier accepts connections from the one before it, and from no other.

resource "aws_security_group" "web" {
  name        = "${local.name}-web"
  description = "From the internet"
  vpc_id      = aws_vpc.this.id
  tags        = local.tags
}

resource "aws_security_group" "application" {
  name        = "${local.name}-application"
  description = "From the web tier"
  vpc_id      = aws_vpc.this.id
  tags        = local.tags
}

resource "aws_security_group" "data" {
  name        = "${local.name}-data"
  description = "From the application tier"
  vpc_id      = aws_vpc.this.id
  tags        = local.tags
}

resource "aws_security_group_rule" "web" {
  for_each = toset(["80", "443"])

  security_group_id = aws_security_group.web.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_security_group_rule" "application" {
  security_group_id        = aws_security_group.application.id
  type                     = "ingress"
  protocol                 = "tcp"
  from_port                = 8080
  to_port                  = 8080
  source_security_group_id = aws_security_group.web.id
}

resource "aws_security_group_rule" "data" {
  security_group_id        = aws_security_group.data.id
  type                     = "ingress"
  protocol                 = "tcp"
  from_port                = 5432
  to_port                  = 5432
  source_security_group_id = aws_security_group.application.id
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for name in ["application", "data"] : module.tier[name].route_table_id]
  tags              = local.tags
}

resource "aws_cloudwatch_log_group" "flow" {
  name              = "/vpc/${local.name}/flow"
  retention_in_days = 7
  tags              = local.tags
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["vpc-flow-logs.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "flow" {
  name               = "${local.name}-flow-logs"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = local.tags
}

resource "aws_flow_log" "rejected" {
  vpc_id          = aws_vpc.this.id
  traffic_type    = "REJECT"
  iam_role_arn    = aws_iam_role.flow.arn
  log_destination = aws_cloudwatch_log_group.flow.arn
  tags            = local.tags
}
