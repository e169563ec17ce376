provider "aws" {
  region = var.region
}

locals {
  name = "bakery-jobs"

  jobs = {
    preheat   = { schedule = "cron(0 3 ? * MON-SAT *)", enabled = true, degrees = 240 }
    stocktake = { schedule = "rate(12 hours)", enabled = true, degrees = 0 }
    deep-fry  = { schedule = "cron(0 5 11 11 ? *)", enabled = false, degrees = 180 }
  }
}

resource "aws_sqs_queue" "dead" {
  name = "${local.name}-dead"
  tags = var.tags
}

resource "aws_sqs_queue" "jobs" {
  name                       = local.name
  visibility_timeout_seconds = 60
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 5
  })
}

data "aws_iam_policy_document" "jobs" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.jobs.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = concat([for rule in aws_cloudwatch_event_rule.job : rule.arn], [aws_cloudwatch_event_rule.on_request.arn])
    }
  }
}

resource "aws_sqs_queue_policy" "jobs" {
  queue_url = aws_sqs_queue.jobs.id
  policy    = data.aws_iam_policy_document.jobs.json
}

resource "aws_cloudwatch_event_rule" "job" {
  for_each = { for name, job in local.jobs : name => job if job.enabled || var.include_seasonal }

  name                = "${local.name}-${each.key}"
  description         = "Starts the job ${each.key}"
  schedule_expression = each.value.schedule
  tags                = var.tags
}

resource "aws_cloudwatch_event_target" "job" {
  for_each = aws_cloudwatch_event_rule.job

  rule      = each.value.name
  target_id = "queue"
  arn       = aws_sqs_queue.jobs.arn

  input = jsonencode({
    job     = each.key
    degrees = local.jobs[each.key].degrees
  })
}

resource "aws_cloudwatch_event_rule" "on_request" {
  name        = "${local.name}-on-request"
  description = "Starts a job at once"
  tags        = var.tags

  event_pattern = jsonencode({
    source        = ["bakery.counter"]
    "detail-type" = ["JobRequested"]
    detail        = { job = keys(aws_cloudwatch_event_rule.job) }
  })
}

resource "aws_cloudwatch_event_target" "on_request" {
  rule       = aws_cloudwatch_event_rule.on_request.name
  target_id  = "queue"
  arn        = aws_sqs_queue.jobs.arn
  input_path = "$.detail"
}
