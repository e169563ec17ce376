# Weather buoys: tables made from one block keep their readings, one of them streams its changes into Kinesis, and metric alarms watch the tables and the stream.

provider "aws" {
  region = var.region
}

locals {
  name = "weather-buoys"

  tables = {
    latest = {
      range = null
      view  = "NEW_IMAGE"
    }

    daily = {
      range = "day"
      view  = "NEW_AND_OLD_IMAGES"
    }

    firmware = {
      range = "version"
      view  = null
    }
  }

  # Each alarm: which stream metric, and what is too much.
  lag = {
    IteratorAgeMilliseconds            = { statistic = "Maximum", threshold = 60000 }
    WriteProvisionedThroughputExceeded = { statistic = "Sum", threshold = 10 }
  }
}

resource "aws_kinesis_stream" "changes" {
  name        = "${local.name}-changes"
  shard_count = var.shards
  tags        = var.tags
}

resource "aws_dynamodb_table" "this" {
  for_each = local.tables

  name             = "${local.name}-${each.key}"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "buoy"
  range_key        = each.value.range
  stream_enabled   = each.value.view != null
  stream_view_type = each.value.view
  tags             = merge(var.tags, { Table = each.key })

  dynamic "attribute" {
    for_each = compact(["buoy", each.value.range])

    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "ttl" {
    for_each = each.key == "daily" ? [1] : []

    content {
      attribute_name = "expires"
      enabled        = true
    }
  }
}

resource "aws_dynamodb_kinesis_streaming_destination" "daily" {
  table_name = aws_dynamodb_table.this["daily"].name
  stream_arn = aws_kinesis_stream.changes.arn
}

resource "aws_dynamodb_table_item" "buoy" {
  for_each = var.buoys

  table_name = aws_dynamodb_table.this["latest"].name
  hash_key   = aws_dynamodb_table.this["latest"].hash_key

  item = jsonencode({
    buoy      = { S = each.key }
    latitude  = { N = tostring(each.value.latitude) }
    longitude = { N = tostring(each.value.longitude) }
    online    = { BOOL = false }
  })
}

resource "aws_sns_topic" "harbour_master" {
  name = "${local.name}-harbour-master"
  tags = var.tags
}

resource "aws_cloudwatch_metric_alarm" "stream" {
  for_each = local.lag

  alarm_name          = "${local.name}-${each.key}"
  namespace           = "AWS/Kinesis"
  metric_name         = each.key
  statistic           = each.value.statistic
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  period              = 60
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.harbour_master.arn]

  dimensions = {
    StreamName = aws_kinesis_stream.changes.name
  }
}

resource "aws_cloudwatch_metric_alarm" "throttled" {
  for_each = aws_dynamodb_table.this

  alarm_name          = "${each.value.name}-throttled"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = 1
  threshold           = 5
  alarm_actions       = [aws_sns_topic.harbour_master.arn]

  metric_query {
    id          = "both"
    expression  = "reads + writes"
    label       = "Throttled requests"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = {
      reads  = "ReadThrottleEvents"
      writes = "WriteThrottleEvents"
    }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = metric_query.value
        stat        = "Sum"
        period      = 300

        dimensions = {
          TableName = each.value.name
        }
      }
    }
  }
}

# What the shore station may do.

data "aws_iam_policy_document" "station" {
  statement {
    sid       = "Changes"
    actions   = ["kinesis:GetRecords", "kinesis:GetShardIterator"]
    resources = [aws_kinesis_stream.changes.arn]
  }

  statement {
    sid       = "State"
    actions   = ["dynamodb:UpdateItem", "dynamodb:Query"]
    resources = [for table in aws_dynamodb_table.this : table.arn]
  }
}

resource "aws_iam_policy" "station" {
  name   = "${local.name}-station"
  policy = data.aws_iam_policy_document.station.json
}
