provider "aws" {
  region = var.region
}

locals {
  namespace = "Ferry/Ticketing"

  # Each service writes its errors, and only those, to a log group of their own.
  services = {
    web    = { retention = 14, threshold = 1 }
    worker = { retention = 30, threshold = 3 }
  }

  tags = {
    Application = "ferry-ticketing"
    Criticality = var.criticality
  }
}

resource "aws_cloudwatch_log_group" "service" {
  for_each = local.services

  name              = "/ferry/ticketing/${each.key}/errors"
  retention_in_days = each.value.retention
  tags              = local.tags
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  for_each = local.services

  name           = "ferry-${each.key}-errors"
  log_group_name = aws_cloudwatch_log_group.service[each.key].name
  pattern        = ""

  metric_transformation {
    name      = "${each.key}-errors"
    namespace = local.namespace
    value     = "1"
  }
}

resource "aws_sns_topic" "operations" {
  name = "ferry-operations"
  tags = local.tags
}

resource "aws_sqs_queue" "pager" {
  name                      = "ferry-pager"
  message_retention_seconds = 86400
  tags                      = local.tags
}

data "aws_iam_policy_document" "pager" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.pager.arn]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_sns_topic.operations.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "pager" {
  queue_url = aws_sqs_queue.pager.id
  policy    = data.aws_iam_policy_document.pager.json
}

resource "aws_sns_topic_subscription" "pager" {
  topic_arn            = aws_sns_topic.operations.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.pager.arn
  raw_message_delivery = true
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = local.services

  alarm_name          = "ferry-${each.key}-errors"
  alarm_description   = "Too many errors in ${each.key}"
  namespace           = local.namespace
  metric_name         = aws_cloudwatch_log_metric_filter.errors[each.key].metric_transformation[0].name
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.operations.arn]
  ok_actions          = [aws_sns_topic.operations.arn]
  tags                = local.tags
}

resource "aws_cloudwatch_dashboard" "errors" {
  dashboard_name = "ferry-ticketing"

  dashboard_body = templatefile("${path.module}/dashboard.json.tpl", {
    namespace = local.namespace
    region    = var.region
    metrics   = [for name, service in local.services : "${name}-errors"]
  })
}
