# The landing zone of a tidal power company: a network with a NAT instance, encrypted log buckets, people in groups, and alarms that reach the right topic.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

data "aws_availability_zones" "available" {
  state = "available"
}

locals {
  name  = "tidepower-${var.environment}"
  zones = slice(data.aws_availability_zones.available.names, 0, var.zone_count)

  tags = {
    Company     = "tidepower"
    Environment = var.environment
  }

  alarms = {
    rejected = { metric = "RejectedConnections", threshold = 50, topic = "security" }
    root     = { metric = "RootLogins", threshold = 1, topic = "security" }
    errors   = { metric = "PlatformErrors", threshold = 10, topic = "operations" }
  }
}

module "security" {
  source = "./modules/security"

  name       = local.name
  account_id = data.aws_caller_identity.current.account_id
  region     = var.region
  groups     = var.groups
  people     = var.people
  tags       = local.tags
}

module "logging" {
  source = "./modules/logging"

  name           = local.name
  bucket_prefix  = var.bucket_prefix
  kms_key_arn    = module.security.key_arn
  retention_days = var.log_retention_days
  tags           = local.tags

  filters = {
    rejected = { group = "flow", metric = local.alarms.rejected.metric, pattern = "REJECT" }
    root     = { group = "audit", metric = local.alarms.root.metric, pattern = "{ $.userIdentity.type = \"Root\" }" }
    errors   = { group = "platform", metric = local.alarms.errors.metric, pattern = "?ERROR ?FATAL" }
  }
}

module "network" {
  source = "./modules/network"

  name              = local.name
  cidr_block        = var.cidr_block
  zones             = local.zones
  nat_instance_type = var.nat_instance_type
  flow_log_group    = module.logging.log_group_arns["flow"]
  flow_log_role     = module.logging.flow_role_arn
  tags              = local.tags

  # The role alone is not enough: its policy must be there before the first record.
  depends_on = [module.logging]
}

# Who hears of what.

resource "aws_sns_topic" "this" {
  for_each = toset(["operations", "security"])

  name              = "${local.name}-${each.key}"
  kms_master_key_id = module.security.key_id
  tags              = local.tags
}

data "aws_iam_policy_document" "topic" {
  for_each = aws_sns_topic.this

  statement {
    sid       = "AlarmsMayPublish"
    actions   = ["sns:Publish"]
    resources = [each.value.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_sns_topic_policy" "this" {
  for_each = aws_sns_topic.this

  arn    = each.value.arn
  policy = data.aws_iam_policy_document.topic[each.key].json
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = "${each.value.metric} reached ${each.value.threshold}"
  namespace           = module.logging.metric_namespace
  metric_name         = each.value.metric
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this[each.value.topic].arn]

  depends_on = [aws_sns_topic_policy.this]
}
