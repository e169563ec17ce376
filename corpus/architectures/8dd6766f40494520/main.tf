# A ferry line's timetable as EventBridge schedules with several rewritten targets each, and its incidents, which one bus hands over to a second bus of the insurer.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  name    = "ferry-line"
  account = data.aws_caller_identity.current.account_id

  buses  = toset(["operations", "insurer"])
  queues = toset(["crew", "kiosk", "claims", "undelivered"])

  # One schedule for every sailing, one target for every queue that wants to know.
  calls = merge([
    for ferry, sailing in var.sailings : {
      for queue in sailing.tells : "${ferry}-${queue}" => { ferry = ferry, queue = queue }
    }
  ]...)

  # In what words a queue is told.
  wording = {
    crew  = "templates/crew.json.tpl"
    kiosk = "templates/kiosk.json.tpl"
  }
}

resource "aws_cloudwatch_event_bus" "this" {
  for_each = local.buses

  name = "${local.name}-${each.key}"
  tags = var.tags
}

resource "aws_sqs_queue" "this" {
  for_each = local.queues

  name                      = "${local.name}-${each.key}"
  message_retention_seconds = each.key == "undelivered" ? 1209600 : 86400
  tags                      = var.tags
}

data "aws_iam_policy_document" "queue" {
  for_each = local.queues

  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.this[each.key].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_sqs_queue_policy" "this" {
  for_each = local.queues

  queue_url = aws_sqs_queue.this[each.key].id
  policy    = data.aws_iam_policy_document.queue[each.key].json
}

# The timetable. Schedules live on the default bus only.

resource "aws_cloudwatch_event_rule" "sailing" {
  for_each = var.sailings

  name                = "${local.name}-${each.key}"
  description         = "The ${each.key} to ${each.value.to}"
  schedule_expression = each.value.schedule
  is_enabled          = each.value.season != "laid up"
  tags                = merge(var.tags, { Season = each.value.season })
}

resource "aws_cloudwatch_event_target" "sailing" {
  for_each = local.calls

  rule      = aws_cloudwatch_event_rule.sailing[each.value.ferry].name
  target_id = each.value.queue
  arn       = aws_sqs_queue.this[each.value.queue].arn

  input_transformer {
    input_paths = {
      at   = "$.time"
      rule = "$.resources[0]"
    }

    input_template = templatefile("${path.module}/${local.wording[each.value.queue]}", {
      ferry = each.value.ferry
      to    = var.sailings[each.value.ferry].to
    })
  }

  retry_policy {
    maximum_event_age_in_seconds = 600
    maximum_retry_attempts       = 4
  }

  dead_letter_config {
    arn = aws_sqs_queue.this["undelivered"].arn
  }
}

# Incidents: the crew hears of all, the insurer of the costly ones, on a bus of its own.

resource "aws_cloudwatch_event_rule" "incident" {
  name           = "${local.name}-incident"
  description    = "Anything that went wrong on board"
  event_bus_name = aws_cloudwatch_event_bus.this["operations"].name
  tags           = var.tags

  event_pattern = jsonencode({
    source        = ["ferry.bridge"]
    "detail-type" = ["Incident"]
  })
}

resource "aws_cloudwatch_event_target" "incident_crew" {
  rule           = aws_cloudwatch_event_rule.incident.name
  event_bus_name = aws_cloudwatch_event_bus.this["operations"].name
  target_id      = "crew"
  arn            = aws_sqs_queue.this["crew"].arn
  input_path     = "$.detail"
}

resource "aws_cloudwatch_event_rule" "costly" {
  name           = "${local.name}-costly"
  description    = "Damage that the insurer pays for"
  event_bus_name = aws_cloudwatch_event_bus.this["operations"].name
  tags           = var.tags

  event_pattern = jsonencode({
    source        = ["ferry.bridge"]
    "detail-type" = ["Incident"]
    detail = {
      kind = [{ "anything-but" = ["lost property"] }]
      cost = [{ numeric = [">", var.excess] }]
    }
  })
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "hand_over" {
  statement {
    actions   = ["events:PutEvents"]
    resources = [aws_cloudwatch_event_bus.this["insurer"].arn]
  }
}

resource "aws_iam_role" "hand_over" {
  name               = "${local.name}-hand-over"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "hand_over" {
  name   = "put-events"
  role   = aws_iam_role.hand_over.id
  policy = data.aws_iam_policy_document.hand_over.json
}

resource "aws_cloudwatch_event_target" "costly_insurer" {
  rule           = aws_cloudwatch_event_rule.costly.name
  event_bus_name = aws_cloudwatch_event_bus.this["operations"].name
  target_id      = "insurer"
  arn            = aws_cloudwatch_event_bus.this["insurer"].arn
  role_arn       = aws_iam_role.hand_over.arn
}

resource "aws_cloudwatch_event_permission" "insurer" {
  event_bus_name = aws_cloudwatch_event_bus.this["insurer"].name
  principal      = local.account
  statement_id   = "from-operations"
}

resource "aws_cloudwatch_event_rule" "claim" {
  name           = "${local.name}-claim"
  description    = "What came over from operations"
  event_bus_name = aws_cloudwatch_event_bus.this["insurer"].name
  tags           = var.tags

  event_pattern = jsonencode({
    account = [local.account]
    region  = [data.aws_region.current.name]
    source  = [{ prefix = "ferry." }]
  })
}

resource "aws_cloudwatch_event_target" "claim" {
  rule           = aws_cloudwatch_event_rule.claim.name
  event_bus_name = aws_cloudwatch_event_bus.this["insurer"].name
  target_id      = "claims"
  arn            = aws_sqs_queue.this["claims"].arn

  input_transformer {
    input_paths = {
      event = "$.id"
      ferry = "$.detail.ferry"
      cost  = "$.detail.cost"
    }

    input_template = "{\"claim\": <event>, \"ferry\": <ferry>, \"cost\": <cost>, \"excess\": ${var.excess}}"
  }
}
