# An archive's network without any way to the internet: gateway and interface endpoints with policies, a network ACL and flow logs to a bucket and a log group.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "aws_vpc_endpoint_service" "gateway" {
  for_each = toset(["s3", "dynamodb"])

  service      = each.key
  service_type = "Gateway"
}

locals {
  name    = "archive-private"
  account = data.aws_caller_identity.current.account_id
  region  = data.aws_region.current.name

  subnets = { for n, zone in var.zones : zone => cidrsubnet(var.cidr_block, 4, n) }

  # Stateless: what goes in must be let out again, on the high ports.
  acl = {
    inbound-https    = { number = 100, egress = false, action = "allow", cidr = var.cidr_block, from = 443, to = 443 }
    inbound-replies  = { number = 110, egress = false, action = "allow", cidr = "0.0.0.0/0", from = 1024, to = 65535 }
    inbound-ssh      = { number = 50, egress = false, action = "deny", cidr = "0.0.0.0/0", from = 22, to = 22 }
    outbound-https   = { number = 100, egress = true, action = "allow", cidr = "0.0.0.0/0", from = 443, to = 443 }
    outbound-replies = { number = 110, egress = true, action = "allow", cidr = var.cidr_block, from = 1024, to = 65535 }
  }

  tags = {
    Project = "archive"
    Owner   = var.owner
  }
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr_block
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = merge(local.tags, { Name = local.name })
}

resource "aws_subnet" "private" {
  for_each = local.subnets

  vpc_id            = aws_vpc.this.id
  cidr_block        = each.value
  availability_zone = "${local.region}${each.key}"
  tags              = merge(local.tags, { Name = "${local.name}-${each.key}" })
}

resource "aws_route_table" "private" {
  for_each = local.subnets

  vpc_id = aws_vpc.this.id
  tags   = merge(local.tags, { Name = "${local.name}-${each.key}" })
}

resource "aws_route_table_association" "private" {
  for_each = local.subnets

  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}

resource "aws_network_acl" "private" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = [for subnet in aws_subnet.private : subnet.id]
  tags       = merge(local.tags, { Name = local.name })
}

resource "aws_network_acl_rule" "this" {
  for_each = local.acl

  network_acl_id = aws_network_acl.private.id
  rule_number    = each.value.number
  egress         = each.value.egress
  protocol       = "tcp"
  rule_action    = each.value.action
  cidr_block     = each.value.cidr
  from_port      = each.value.from
  to_port        = each.value.to
}

# The bucket of the scans; only through the endpoint may its objects be read.

resource "aws_s3_bucket" "scans" {
  bucket        = "${local.name}-scans-${local.account}"
  force_destroy = true
  tags          = local.tags

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = data.aws_vpc_endpoint_service.gateway

  vpc_id            = aws_vpc.this.id
  service_name      = each.value.service_name
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.private : table.id]
  tags              = merge(local.tags, { Name = "${local.name}-${each.key}" })

  policy = templatefile("${path.module}/policies/${each.key}.json.tpl", {
    bucket_arn = aws_s3_bucket.scans.arn
    region     = local.region
    account    = local.account
  })
}

resource "aws_security_group" "endpoints" {
  name        = "${local.name}-endpoints"
  description = "From the network itself to the endpoints"
  vpc_id      = aws_vpc.this.id
  tags        = local.tags
}

resource "aws_security_group_rule" "endpoints" {
  security_group_id = aws_security_group.endpoints.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_blocks       = [aws_vpc.this.cidr_block]
}

resource "aws_vpc_endpoint" "interface" {
  for_each = toset(var.interface_services)

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${local.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  tags                = merge(local.tags, { Name = "${local.name}-${each.key}" })
}

# Flow logs: everything to the bucket for the year's end, refusals to a log group for today.

resource "aws_s3_bucket" "flows" {
  bucket        = "${local.name}-flows-${local.account}"
  force_destroy = true
  tags          = local.tags

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }

  lifecycle_rule {
    id      = "forget"
    enabled = true

    expiration {
      days = var.flow_retention_days
    }
  }
}

resource "aws_cloudwatch_log_group" "refused" {
  name              = "/vpc/${local.name}/refused"
  retention_in_days = 3
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

data "aws_iam_policy_document" "write" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    resources = ["${aws_cloudwatch_log_group.refused.arn}:*"]
  }
}

resource "aws_iam_role" "flows" {
  name               = "${local.name}-flows"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = local.tags
}

resource "aws_iam_role_policy" "flows" {
  name   = "write"
  role   = aws_iam_role.flows.id
  policy = data.aws_iam_policy_document.write.json
}

resource "aws_flow_log" "all" {
  vpc_id                   = aws_vpc.this.id
  traffic_type             = "ALL"
  log_destination_type     = "s3"
  log_destination          = aws_s3_bucket.flows.arn
  max_aggregation_interval = 600
  tags                     = local.tags
}

resource "aws_flow_log" "refused" {
  for_each = aws_subnet.private

  subnet_id            = each.value.id
  traffic_type         = "REJECT"
  log_destination_type = "cloud-watch-logs"
  log_destination      = aws_cloudwatch_log_group.refused.arn
  iam_role_arn         = aws_iam_role.flows.arn
  tags                 = local.tags
}
