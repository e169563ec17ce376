# A greenhouse's watering round: Step Functions maps over the beds, waters the dry ones once per round by way of SQS and DynamoDB, and reports in parallel.

provider "aws" {
  region = var.region
}

locals {
  name = "greenhouse-${var.house}"

  queues = {
    water  = { timeout = 120, retention = 3600 }
    report = { timeout = 30, retention = 86400 }
  }
}

resource "aws_sqs_queue" "this" {
  for_each = local.queues

  name                       = "${local.name}-${each.key}"
  visibility_timeout_seconds = each.value.timeout
  message_retention_seconds  = each.value.retention
  tags                       = var.tags
}

resource "aws_dynamodb_table" "watered" {
  name         = "${local.name}-watered"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "round"
  range_key    = "bed"
  tags         = var.tags

  attribute {
    name = "round"
    type = "S"
  }

  attribute {
    name = "bed"
    type = "S"
  }
}

resource "aws_dynamodb_table" "rounds" {
  name         = "${local.name}-rounds"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "round"
  tags         = var.tags

  attribute {
    name = "round"
    type = "S"
  }
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

data "aws_iam_policy_document" "round" {
  statement {
    sid       = "Send"
    actions   = ["sqs:SendMessage"]
    resources = [for queue in aws_sqs_queue.this : queue.arn]
  }

  statement {
    sid       = "Remember"
    actions   = ["dynamodb:PutItem"]
    resources = [aws_dynamodb_table.watered.arn, aws_dynamodb_table.rounds.arn]
  }
}

resource "aws_iam_role" "round" {
  name               = "${local.name}-round"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "round" {
  name   = "round"
  role   = aws_iam_role.round.id
  policy = data.aws_iam_policy_document.round.json
}

resource "aws_sfn_state_machine" "round" {
  name     = "${local.name}-round"
  role_arn = aws_iam_role.round.arn
  tags     = var.tags

  definition = templatefile("${path.module}/workflows/round.asl.json.tpl", {
    water_url      = aws_sqs_queue.this["water"].id
    report_url     = aws_sqs_queue.this["report"].id
    watered_table  = aws_dynamodb_table.watered.name
    rounds_table   = aws_dynamodb_table.rounds.name
    dry_below      = var.dry_below
    settle_seconds = var.settle_seconds
    at_once        = var.beds_at_once
  })

  depends_on = [aws_iam_role_policy.round]
}
