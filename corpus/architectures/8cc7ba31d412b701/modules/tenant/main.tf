locals {
  prefix = "lockers-${var.name}"
}

resource "aws_sqs_queue" "dead" {
  name                      = "${local.prefix}-dead"
  message_retention_seconds = 1209600
  tags                      = merge(var.tags, { Kind = "dead" })
}

resource "aws_sqs_queue" "jobs" {
  name                       = local.prefix
  delay_seconds              = var.delay_seconds
  message_retention_seconds  = var.retention_seconds
  visibility_timeout_seconds = 45
  receive_wait_time_seconds  = 10
  tags                       = merge(var.tags, { Kind = "jobs" })

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = var.receive_count
  })
}

resource "aws_iam_role" "reader" {
  count = var.readers

  name               = "${local.prefix}-reader-${count.index + 1}"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = var.tags
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account_id}:root"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.name]
    }
  }
}

# Only this tenant's own roles may read its queue; the account may send to it.

data "aws_iam_policy_document" "queue" {
  dynamic "statement" {
    for_each = var.readers > 0 ? [aws_iam_role.reader[*].arn] : []

    content {
      sid       = "Readers"
      actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"]
      resources = [aws_sqs_queue.jobs.arn]

      principals {
        type        = "AWS"
        identifiers = statement.value
      }
    }
  }

  statement {
    sid       = "Senders"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.jobs.arn]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account_id}:root"]
    }
  }
}

resource "aws_sqs_queue_policy" "jobs" {
  queue_url = aws_sqs_queue.jobs.id
  policy    = data.aws_iam_policy_document.queue.json
}

resource "aws_ssm_parameter" "queue" {
  name  = "/lockers/${var.name}/queue-url"
  type  = "String"
  value = aws_sqs_queue.jobs.id
  tags  = var.tags
}
