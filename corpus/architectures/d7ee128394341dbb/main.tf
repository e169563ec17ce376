provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  name   = "bookshop-orders"
  source = "bookshop.checkout"

  queues = toset(["warehouse", "review", "newsletter"])

  tags = {
    Project = "bookshop"
    Owner   = var.owner
  }
}

resource "aws_cloudwatch_event_bus" "orders" {
  name = local.name
  tags = local.tags
}

resource "aws_sqs_queue" "this" {
  for_each = local.queues

  name                       = "${local.name}-${each.key}"
  visibility_timeout_seconds = 30
  tags                       = merge(local.tags, { Reader = each.key })
}

data "aws_iam_policy_document" "queue" {
  for_each = local.queues

  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.this[each.key].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "sns.amazonaws.com"]
    }
  }
}

resource "aws_sqs_queue_policy" "this" {
  for_each = local.queues

  queue_url = aws_sqs_queue.this[each.key].id
  policy    = data.aws_iam_policy_document.queue[each.key].json
}

# Placed orders: packed by the warehouse, confirmed by the workflow.

resource "aws_cloudwatch_event_rule" "placed" {
  name           = "${local.name}-placed"
  description    = "Every order that was placed"
  event_bus_name = aws_cloudwatch_event_bus.orders.name
  tags           = local.tags

  event_pattern = jsonencode({
    source        = [local.source]
    "detail-type" = ["OrderPlaced"]
  })
}

resource "aws_cloudwatch_event_target" "warehouse" {
  rule           = aws_cloudwatch_event_rule.placed.name
  event_bus_name = aws_cloudwatch_event_bus.orders.name
  target_id      = "warehouse"
  arn            = aws_sqs_queue.this["warehouse"].arn

  input_transformer {
    input_paths = {
      order = "$.detail.order_id"
      items = "$.detail.items"
    }

    input_template = "{\"pick_list_for\": <order>, \"items\": <items>}"
  }
}

resource "aws_cloudwatch_event_target" "workflow" {
  rule           = aws_cloudwatch_event_rule.placed.name
  event_bus_name = aws_cloudwatch_event_bus.orders.name
  target_id      = "workflow"
  arn            = aws_sfn_state_machine.confirm.arn
  role_arn       = aws_iam_role.events.arn
}

# Large orders are looked at by a person.

resource "aws_cloudwatch_event_rule" "large" {
  name           = "${local.name}-large"
  event_bus_name = aws_cloudwatch_event_bus.orders.name

  event_pattern = jsonencode({
    source        = [local.source]
    "detail-type" = ["OrderPlaced"]
    detail = {
      total = [{ numeric = [">=", var.review_threshold] }]
    }
  })
}

resource "aws_cloudwatch_event_target" "review" {
  rule           = aws_cloudwatch_event_rule.large.name
  event_bus_name = aws_cloudwatch_event_bus.orders.name
  target_id      = "review"
  arn            = aws_sqs_queue.this["review"].arn
}

# Cancellations go to a topic, to which the newsletter team listens.

resource "aws_cloudwatch_event_rule" "cancelled" {
  name           = "${local.name}-cancelled"
  event_bus_name = aws_cloudwatch_event_bus.orders.name

  event_pattern = jsonencode({
    source        = [local.source]
    "detail-type" = [{ prefix = "OrderCancelled" }]
    detail = {
      reason = [{ "anything-but" = ["test"] }]
    }
  })
}

resource "aws_sns_topic" "cancelled" {
  name = "${local.name}-cancelled"
  tags = local.tags
}

data "aws_iam_policy_document" "topic" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.cancelled.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

resource "aws_sns_topic_policy" "cancelled" {
  arn    = aws_sns_topic.cancelled.arn
  policy = data.aws_iam_policy_document.topic.json
}

resource "aws_cloudwatch_event_target" "cancelled" {
  rule           = aws_cloudwatch_event_rule.cancelled.name
  event_bus_name = aws_cloudwatch_event_bus.orders.name
  target_id      = "topic"
  arn            = aws_sns_topic.cancelled.arn
}

resource "aws_sns_topic_subscription" "newsletter" {
  topic_arn = aws_sns_topic.cancelled.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.this["newsletter"].arn
}
