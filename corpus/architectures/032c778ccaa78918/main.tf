provider "aws" {
  region = var.region
}

locals {
  name = "pizzeria-${var.branch}"

  queues = {
    kitchen = { timeout = 120 }
    courier = { timeout = 600 }
    refunds = { timeout = 30 }
  }
}

resource "aws_sqs_queue" "station" {
  for_each = local.queues

  name                       = "${local.name}-${each.key}"
  visibility_timeout_seconds = each.value.timeout
  tags                       = var.tags
}

resource "aws_sns_topic" "failures" {
  name = "${local.name}-failed-orders"
  tags = var.tags
}

resource "aws_sns_topic_subscription" "refunds" {
  topic_arn            = aws_sns_topic.failures.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.station["refunds"].arn
  raw_message_delivery = true
}

resource "aws_sqs_queue_policy" "refunds" {
  queue_url = aws_sqs_queue.station["refunds"].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "FailedOrders"
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.station["refunds"].arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.failures.arn } }
    }]
  })
}

module "workflow_role" {
  source = "./modules/service-role"

  name    = "${local.name}-workflow"
  service = "states.amazonaws.com"
  tags    = var.tags

  statements = {
    send    = { actions = ["sqs:SendMessage"], resources = [for queue in aws_sqs_queue.station : queue.arn] }
    publish = { actions = ["sns:Publish"], resources = [aws_sns_topic.failures.arn] }
  }
}

resource "aws_sfn_state_machine" "order" {
  name     = "${local.name}-order"
  role_arn = module.workflow_role.arn
  tags     = var.tags

  definition = templatefile("${path.module}/workflows/order.asl.json.tpl", {
    kitchen_url   = aws_sqs_queue.station["kitchen"].id
    courier_url   = aws_sqs_queue.station["courier"].id
    failure_topic = aws_sns_topic.failures.arn
    prices        = var.prices
    max_pizzas    = var.max_pizzas
  })
}
