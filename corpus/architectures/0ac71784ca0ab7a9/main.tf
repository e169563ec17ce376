provider "aws" {
  region = var.region
}

locals {
  name = "tramway-signals"
}

resource "aws_cloudwatch_event_bus" "signals" {
  name = local.name
  tags = var.tags
}

resource "aws_cloudwatch_event_archive" "faults" {
  name             = "${local.name}-faults"
  description      = "Faults, to be replayed after an outage of the control room"
  event_source_arn = aws_cloudwatch_event_bus.signals.arn
  retention_days   = var.retention_days

  event_pattern = jsonencode({
    source        = ["tramway"]
    "detail-type" = ["SignalFault"]
  })
}

resource "aws_cloudwatch_event_rule" "signals" {
  name           = local.name
  event_bus_name = aws_cloudwatch_event_bus.signals.name
  event_pattern  = file("${path.module}/patterns/control-room.json")
  tags           = var.tags
}

resource "aws_sqs_queue" "control_room" {
  name                      = "tramway-control-room"
  message_retention_seconds = 3600
  tags                      = var.tags
}

resource "aws_sqs_queue_policy" "control_room" {
  queue_url = aws_sqs_queue.control_room.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.control_room.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.signals.arn } }
    }]
  })
}

resource "aws_cloudwatch_event_target" "control_room" {
  rule           = aws_cloudwatch_event_rule.signals.name
  event_bus_name = aws_cloudwatch_event_bus.signals.name
  target_id      = "control-room"
  arn            = aws_sqs_queue.control_room.arn
}
