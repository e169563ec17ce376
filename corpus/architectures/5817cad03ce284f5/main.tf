# A funicular's watch: metrics counted from its logs, alarms on ratios of metrics and one composite of them, a dashboard per station, and log lines forwarded to a stream and an archive.

provider "aws" {
  region = var.region
}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  name      = "funicular"
  namespace = "Funicular"
  region    = data.aws_region.current.id

  # What is counted, where, and from which lines.
  counts = {
    Rides    = { group = "cabins", pattern = "{ $.event = \"ride\" }", value = "1" }
    Riders   = { group = "cabins", pattern = "{ $.event = \"ride\" }", value = "$.riders" }
    Stops    = { group = "cabins", pattern = "{ $.event = \"emergency-stop\" }", value = "1" }
    Slippage = { group = "winch", pattern = "[time, level = WARN*, message = \"*slip*\"]", value = "1" }
  }

  services = toset(["firehose", "logs"])
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = var.retention_days

  name              = "/${local.name}/${each.key}"
  retention_in_days = each.value
  tags              = var.tags
}

resource "aws_cloudwatch_log_metric_filter" "count" {
  for_each = local.counts

  name           = "${local.name}-${lower(each.key)}"
  log_group_name = aws_cloudwatch_log_group.this[each.value.group].name
  pattern        = each.value.pattern

  metric_transformation {
    namespace = local.namespace
    name      = each.key
    value     = each.value.value
  }
}

# Alarms.

resource "aws_sns_topic" "mechanic" {
  name = "${local.name}-mechanic"
  tags = var.tags
}

resource "aws_cloudwatch_metric_alarm" "stop_ratio" {
  alarm_name          = "${local.name}-stop-ratio"
  alarm_description   = "More than ${var.stop_ratio_percent} % of the rides end with an emergency stop"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  threshold           = var.stop_ratio_percent
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "ratio"
    expression  = "IF(rides > 0, 100 * stops / rides, 0)"
    label       = "Stops per 100 rides"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { rides = "Rides", stops = "Stops" }

    content {
      id          = metric_query.key
      return_data = false

      metric {
        namespace   = local.namespace
        metric_name = metric_query.value
        stat        = "Sum"
        period      = 300
      }
    }
  }

  depends_on = [aws_cloudwatch_log_metric_filter.count]
}

resource "aws_cloudwatch_metric_alarm" "slippage" {
  alarm_name          = "${local.name}-slippage"
  alarm_description   = "The rope slips on the winch"
  namespace           = local.namespace
  metric_name         = aws_cloudwatch_log_metric_filter.count["Slippage"].metric_transformation[0].name
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = var.slippage_limit
  treat_missing_data  = "notBreaching"
}

resource "aws_cloudwatch_metric_alarm" "crowd" {
  for_each = var.stations

  alarm_name          = "${local.name}-crowd-${each.key}"
  alarm_description   = "${each.value.title}'s platform is full"
  namespace           = local.namespace
  metric_name         = "Waiting"
  dimensions          = { Station = each.key }
  extended_statistic  = "p90"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.platform_places
  alarm_actions       = [aws_sns_topic.mechanic.arn]
}

# Either alarm alone is a nuisance; both together are a reason to stop the line.

resource "aws_cloudwatch_composite_alarm" "stop_the_line" {
  alarm_name        = "${local.name}-stop-the-line"
  alarm_description = "Emergency stops while the rope slips"
  alarm_actions     = [aws_sns_topic.mechanic.arn]

  alarm_rule = join(" AND ", [
    for alarm in [aws_cloudwatch_metric_alarm.stop_ratio, aws_cloudwatch_metric_alarm.slippage] :
    "ALARM(\"${alarm.alarm_name}\")"
  ])
}

resource "aws_cloudwatch_dashboard" "station" {
  for_each = var.stations

  dashboard_name = "${local.name}-${each.key}"

  dashboard_body = templatefile("${path.module}/templates/station.json.tpl", {
    region    = local.region
    namespace = local.namespace
    station   = each.key
    title     = each.value.title
    places    = each.value.platform_places
    alarms = jsonencode([
      aws_cloudwatch_metric_alarm.crowd[each.key].arn,
      aws_cloudwatch_composite_alarm.stop_the_line.arn,
    ])
  })
}

# The winch's lines go to a stream for the analyst, the cabins' to an archive.

resource "aws_kinesis_stream" "winch" {
  name        = "${local.name}-winch"
  shard_count = 1
  tags        = var.tags
}

resource "aws_s3_bucket" "archive" {
  bucket        = "${var.bucket_prefix}-archive"
  force_destroy = true
  tags          = var.tags

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
}

data "aws_iam_policy_document" "assume" {
  for_each = local.services

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.key == "logs" ? "logs.${local.region}.amazonaws.com" : "${each.key}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "service" {
  for_each = local.services

  name               = "${local.name}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.assume[each.key].json
  tags               = var.tags
}

resource "aws_kinesis_firehose_delivery_stream" "cabins" {
  name        = "${local.name}-cabins"
  destination = "extended_s3"
  tags        = var.tags

  extended_s3_configuration {
    role_arn            = aws_iam_role.service["firehose"].arn
    bucket_arn          = aws_s3_bucket.archive.arn
    prefix              = "cabins/"
    error_output_prefix = "failed/"
  }

  depends_on = [aws_iam_role_policy.service]
}

data "aws_iam_policy_document" "service" {
  for_each = {
    firehose = { actions = ["s3:PutObject"], resources = ["${aws_s3_bucket.archive.arn}/*"] }
    logs = {
      actions = ["kinesis:PutRecord", "firehose:PutRecord", "firehose:PutRecordBatch"]
      resources = [
        aws_kinesis_stream.winch.arn,
        "arn:aws:firehose:${local.region}:${data.aws_caller_identity.current.account_id}:deliverystream/${local.name}-*",
      ]
    }
  }

  statement {
    actions   = each.value.actions
    resources = each.value.resources
  }
}

resource "aws_iam_role_policy" "service" {
  for_each = local.services

  name   = "forward"
  role   = aws_iam_role.service[each.key].id
  policy = data.aws_iam_policy_document.service[each.key].json
}

resource "aws_cloudwatch_log_subscription_filter" "winch" {
  name            = "${local.name}-winch"
  log_group_name  = aws_cloudwatch_log_group.this["winch"].name
  filter_pattern  = ""
  destination_arn = aws_kinesis_stream.winch.arn
  role_arn        = aws_iam_role.service["logs"].arn
  distribution    = "ByLogStream"

  # CloudWatch tries the destination at once, so the role must be allowed to write already.
  depends_on = [aws_iam_role_policy.service]
}

resource "aws_cloudwatch_log_subscription_filter" "cabins" {
  name            = "${local.name}-cabins"
  log_group_name  = aws_cloudwatch_log_group.this["cabins"].name
  filter_pattern  = "{ $.event = \"*\" }"
  destination_arn = aws_kinesis_firehose_delivery_stream.cabins.arn
  role_arn        = aws_iam_role.service["logs"].arn
  distribution    = "ByLogStream"

  depends_on = [aws_iam_role_policy.service]
}
