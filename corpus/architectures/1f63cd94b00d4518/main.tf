# Rules on the default event bus sort an archive's audit trail to log groups, a topic and a queue with retries and a dead-letter queue, and an event archive keeps it all.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name = "museum-audit"

  # The default bus is not a resource: its ARN has to be spelled out.
  default_bus_arn = join(":", [
    "arn",
    data.aws_partition.current.partition,
    "events",
    var.region,
    data.aws_caller_identity.current.account_id,
    "event-bus/default",
  ])

  rules = {
    everything = { source = ["museum.vault", "museum.shop"] }

    doors = {
      source        = ["museum.vault"]
      "detail-type" = ["DoorOpened", "DoorForced"]
    }

    forced = {
      source        = ["museum.vault"]
      "detail-type" = ["DoorForced"]
      detail = {
        hall = [{ "anything-but" = ["loading-bay"] }]
      }
    }

    valuable = {
      source = ["museum.vault"]
      detail = {
        insured = [{ numeric = [">", var.valuable_from] }]
        curator = [{ exists = false }]
      }
    }
  }
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.rules

  name          = "${local.name}-${each.key}"
  description   = "Audit: ${each.key}"
  event_pattern = jsonencode(each.value)
  is_enabled    = true
  tags          = var.tags
}

# Everything, and separately what happens at doors, is written to logs.

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["everything", "doors"])

  name              = "/aws/events/${local.name}/${each.key}"
  retention_in_days = each.key == "everything" ? 3653 : 90
  tags              = var.tags
}

data "aws_iam_policy_document" "logs" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [for group in aws_cloudwatch_log_group.this : "${group.arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "delivery.logs.amazonaws.com"]
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "events" {
  policy_name     = "${local.name}-events"
  policy_document = data.aws_iam_policy_document.logs.json
}

resource "aws_cloudwatch_event_target" "logs" {
  for_each = aws_cloudwatch_log_group.this

  rule       = aws_cloudwatch_event_rule.this[each.key].name
  target_id  = "logs"
  arn        = each.value.arn
  depends_on = [aws_cloudwatch_log_resource_policy.events]
}

# A forced door wakes the guards.

resource "aws_sns_topic" "guards" {
  name = "${local.name}-guards"
  tags = var.tags
}

data "aws_iam_policy_document" "guards" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.guards.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

resource "aws_sns_topic_policy" "guards" {
  arn    = aws_sns_topic.guards.arn
  policy = data.aws_iam_policy_document.guards.json
}

resource "aws_sns_topic_subscription" "guards" {
  count = length(var.guards)

  topic_arn = aws_sns_topic.guards.arn
  protocol  = "sms"
  endpoint  = var.guards[count.index]
}

resource "aws_cloudwatch_event_target" "guards" {
  rule      = aws_cloudwatch_event_rule.this["forced"].name
  target_id = "guards"
  arn       = aws_sns_topic.guards.arn

  input_transformer {
    input_paths = {
      hall = "$.detail.hall"
      when = "$.time"
    }

    input_template = "\"Door forced in <hall> at <when>\""
  }
}

# Valuable things that move without a curator are looked into.

resource "aws_sqs_queue" "this" {
  for_each = toset(["inquiries", "undelivered"])

  name                      = "${local.name}-${each.key}"
  message_retention_seconds = 1209600
  tags                      = var.tags
}

resource "aws_sqs_queue_policy" "this" {
  for_each = {
    inquiries   = "valuable"
    undelivered = "forced"
  }

  queue_url = aws_sqs_queue.this[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.this[each.key].arn
      Condition = {
        ArnLike = {
          "aws:SourceArn" = aws_cloudwatch_event_rule.this[each.value].arn
        }
      }
    }]
  })
}

resource "aws_cloudwatch_event_target" "inquiries" {
  rule       = aws_cloudwatch_event_rule.this["valuable"].name
  target_id  = "inquiries"
  arn        = aws_sqs_queue.this["inquiries"].arn
  input_path = "$.detail"

  retry_policy {
    maximum_event_age_in_seconds = 900
    maximum_retry_attempts       = 5
  }

  dead_letter_config {
    arn = aws_sqs_queue.this["undelivered"].arn
  }
}

resource "aws_cloudwatch_event_archive" "vault" {
  name             = "${local.name}-vault"
  description      = "What the vault said, for insurers"
  event_source_arn = local.default_bus_arn
  retention_days   = 365
  event_pattern    = jsonencode({ source = ["museum.vault"] })
}
