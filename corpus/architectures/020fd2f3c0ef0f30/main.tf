# An avalanche service's topics spread readings and warnings to queues by attribute filters of every kind, raw or wrapped, with a FIFO topic where order matters.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  name    = "avalanche-${var.valley}"
  account = data.aws_caller_identity.current.account_id

  # Who reads what. An empty filter lets everything through.
  readers = {
    frost = {
      topic  = "readings"
      raw    = true
      filter = { sensor = ["temperature"], value = [{ numeric = ["<", var.frost_below] }] }
    }
    gale = {
      topic  = "readings"
      raw    = true
      filter = { sensor = [{ prefix = "wind" }], value = [{ numeric = [">=", 60, "<", 200] }] }
    }
    elsewhere = {
      topic  = "readings"
      raw    = false
      filter = { station = [{ "anything-but" = var.own_stations }] }
    }
    unsigned = {
      topic  = "readings"
      raw    = false
      filter = { station = [{ exists = false }] }
    }
    archive = {
      topic  = "readings"
      raw    = false
      filter = {}
    }
    patrol = {
      topic  = "warnings"
      raw    = true
      filter = { level = ["4", "5"] }
    }
    radio = {
      topic  = "warnings"
      raw    = true
      filter = {}
    }
  }

  # Only a FIFO queue may listen to a FIFO topic.
  fifo = { readings = false, warnings = true }
}

resource "aws_sns_topic" "this" {
  for_each = local.fifo

  name                        = "${local.name}-${each.key}${each.value ? ".fifo" : ""}"
  display_name                = "Avalanche ${each.key}"
  fifo_topic                  = each.value
  content_based_deduplication = each.value
  tags                        = var.tags
}

resource "aws_sqs_queue" "reader" {
  for_each = local.readers

  name                        = "${local.name}-${each.key}${local.fifo[each.value.topic] ? ".fifo" : ""}"
  fifo_queue                  = local.fifo[each.value.topic]
  content_based_deduplication = local.fifo[each.value.topic]
  visibility_timeout_seconds  = 20
  message_retention_seconds   = each.key == "archive" ? 1209600 : 86400
  tags                        = merge(var.tags, { Topic = each.value.topic })
}

data "aws_iam_policy_document" "reader" {
  for_each = local.readers

  statement {
    sid       = "FromItsTopic"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.reader[each.key].arn]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_sns_topic.this[each.value.topic].arn]
    }
  }
}

resource "aws_sqs_queue_policy" "reader" {
  for_each = local.readers

  queue_url = aws_sqs_queue.reader[each.key].id
  policy    = data.aws_iam_policy_document.reader[each.key].json
}

resource "aws_sns_topic_subscription" "reader" {
  for_each = local.readers

  topic_arn            = aws_sns_topic.this[each.value.topic].arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.reader[each.key].arn
  raw_message_delivery = each.value.raw
  filter_policy        = length(each.value.filter) > 0 ? jsonencode(each.value.filter) : null

  depends_on = [aws_sqs_queue_policy.reader]
}

# Stations of the valley may publish readings, only the forecasters may warn.

data "aws_iam_policy_document" "publish" {
  for_each = local.fifo

  statement {
    sid       = "Publish"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this[each.key].arn]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root"]
    }

    dynamic "condition" {
      for_each = each.value ? ["forecast"] : []

      content {
        test     = "StringEquals"
        variable = "aws:PrincipalTag/Team"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_sns_topic_policy" "this" {
  for_each = local.fifo

  arn    = aws_sns_topic.this[each.key].arn
  policy = data.aws_iam_policy_document.publish[each.key].json
}
