provider "aws" {
  region = var.region
}

locals {
  prefix = "payments-${var.environment}"
  tags   = merge({ Team = "payments", Environment = var.environment }, var.extra_tags)
}

# Instructions must be executed in order per account, and only once.

resource "aws_sqs_queue" "instructions_dead" {
  name                      = "${local.prefix}-instructions-dead.fifo"
  fifo_queue                = true
  message_retention_seconds = var.dead_letter_retention_days * 86400
  tags                      = local.tags
}

resource "aws_sqs_queue" "instructions" {
  name                        = "${local.prefix}-instructions.fifo"
  fifo_queue                  = true
  content_based_deduplication = true
  visibility_timeout_seconds  = 20
  tags                        = local.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.instructions_dead.arn
    maxReceiveCount     = var.instruction_attempts
  })
}

# Receipts have no order; they are spread over shards.

resource "aws_sqs_queue" "receipts_dead" {
  name                      = "${local.prefix}-receipts-dead"
  message_retention_seconds = var.dead_letter_retention_days * 86400
  tags                      = local.tags
}

resource "aws_sqs_queue" "receipts" {
  count = var.receipt_shards

  name                       = format("%s-receipts-%02d", local.prefix, count.index)
  delay_seconds              = 0
  max_message_size           = 65536
  visibility_timeout_seconds = 20
  tags                       = merge(local.tags, { Shard = tostring(count.index) })

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.receipts_dead.arn
    maxReceiveCount     = var.receipt_attempts
  })
}

data "aws_iam_policy_document" "receipts" {
  count = var.receipt_shards

  statement {
    sid       = "ClerksMayNotDelete"
    effect    = "Deny"
    actions   = ["sqs:DeleteQueue"]
    resources = [aws_sqs_queue.receipts[count.index].arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/role"
      values   = ["clerk"]
    }
  }
}

resource "aws_sqs_queue_policy" "receipts" {
  count = var.receipt_shards

  queue_url = aws_sqs_queue.receipts[count.index].id
  policy    = data.aws_iam_policy_document.receipts[count.index].json
}
