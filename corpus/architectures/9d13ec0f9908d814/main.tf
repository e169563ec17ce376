# A payment saga of three Step Functions machines: the saga starts a reservation and a charge as nested executions, and compensates, tells a topic and queues the receipt.

provider "aws" {
  region = var.region
}

locals {
  name  = "theatre-payments"
  steps = ["reserve", "charge"]
}

resource "aws_sqs_queue" "receipts" {
  name                       = "${local.name}-receipts"
  receive_wait_time_seconds  = 1
  visibility_timeout_seconds = 60
  tags                       = var.tags
}

resource "aws_sqs_queue" "box_office" {
  name = "${local.name}-box-office"
  tags = var.tags
}

resource "aws_sns_topic" "cancelled" {
  name = "${local.name}-cancelled"
  tags = var.tags
}

data "aws_iam_policy_document" "box_office" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.box_office.arn]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_sns_topic.cancelled.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "box_office" {
  queue_url = aws_sqs_queue.box_office.id
  policy    = data.aws_iam_policy_document.box_office.json
}

resource "aws_sns_topic_subscription" "box_office" {
  topic_arn            = aws_sns_topic.cancelled.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.box_office.arn
  raw_message_delivery = true
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["states.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "step" {
  name               = "${local.name}-step"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = var.tags
}

resource "aws_iam_role" "saga" {
  name               = "${local.name}-saga"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = var.tags
}

# To wait for a nested execution, Step Functions makes a managed rule.

data "aws_iam_policy_document" "saga" {
  statement {
    actions   = ["states:StartExecution"]
    resources = [for machine in aws_sfn_state_machine.step : machine.arn]
  }

  statement {
    actions   = ["states:DescribeExecution", "states:StopExecution"]
    resources = ["*"]
  }

  statement {
    actions   = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]
    resources = ["*"]
  }

  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.receipts.arn]
  }

  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.cancelled.arn]
  }
}

resource "aws_iam_role_policy" "saga" {
  name   = "run-the-saga"
  role   = aws_iam_role.saga.id
  policy = data.aws_iam_policy_document.saga.json
}

resource "aws_sfn_state_machine" "step" {
  for_each = toset(local.steps)

  name     = "${local.name}-${each.key}"
  role_arn = aws_iam_role.step.arn
  tags     = merge(var.tags, { Step = each.key })

  definition = templatefile("${path.module}/states/${each.key}.json", {
    card_limit = var.card_limit
    hall_size  = var.hall_size
  })
}

resource "aws_sfn_state_machine" "saga" {
  name     = "${local.name}-saga"
  role_arn = aws_iam_role.saga.arn
  tags     = var.tags

  definition = templatefile("${path.module}/states/saga.json", {
    reserve   = aws_sfn_state_machine.step["reserve"].arn
    charge    = aws_sfn_state_machine.step["charge"].arn
    receipts  = aws_sqs_queue.receipts.id
    cancelled = aws_sns_topic.cancelled.arn
  })
}
