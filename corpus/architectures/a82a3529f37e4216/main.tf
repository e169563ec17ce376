provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  bucket = "${var.bucket_prefix}-pictures"
  queues = toset(["develop", "frame", "bookkeeping"])
}

resource "aws_s3_bucket" "pictures" {
  bucket        = local.bucket
  force_destroy = true
  tags          = var.tags

  cors_rule {
    allowed_headers = ["*"]
    allowed_methods = ["GET", "PUT"]
    allowed_origins = ["https://${var.domain}"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3000
  }
}

resource "aws_sqs_queue" "this" {
  for_each = local.queues

  name = "photo-studio-${each.key}"
  tags = merge(var.tags, { Desk = each.key })
}

data "aws_iam_policy_document" "queue" {
  for_each = local.queues

  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.this[each.key].arn]

    principals {
      type        = "Service"
      identifiers = [each.key == "bookkeeping" ? "sns.amazonaws.com" : "s3.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [each.key == "bookkeeping" ? aws_sns_topic.deletions.arn : aws_s3_bucket.pictures.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "this" {
  for_each = local.queues

  queue_url = aws_sqs_queue.this[each.key].id
  policy    = data.aws_iam_policy_document.queue[each.key].json
}

resource "aws_sns_topic" "deletions" {
  name = "photo-studio-deletions"
  tags = var.tags

  policy = templatefile("${path.module}/topic-policy.json.tpl", {
    topic   = "arn:aws:sns:${var.region}:${data.aws_caller_identity.current.account_id}:photo-studio-deletions"
    bucket  = "arn:aws:s3:::${local.bucket}"
    account = data.aws_caller_identity.current.account_id
  })
}

resource "aws_sns_topic_subscription" "bookkeeping" {
  topic_arn            = aws_sns_topic.deletions.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.this["bookkeeping"].arn
  raw_message_delivery = true
}

resource "aws_s3_bucket_notification" "pictures" {
  bucket = aws_s3_bucket.pictures.id

  queue {
    id            = "new-negatives"
    queue_arn     = aws_sqs_queue.this["develop"].arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "negatives/"
    filter_suffix = ".raw"
  }

  queue {
    id            = "new-prints"
    queue_arn     = aws_sqs_queue.this["frame"].arn
    events        = ["s3:ObjectCreated:Put", "s3:ObjectCreated:Copy"]
    filter_prefix = "prints/"
  }

  topic {
    id        = "deletions"
    topic_arn = aws_sns_topic.deletions.arn
    events    = ["s3:ObjectRemoved:*"]
  }

  depends_on = [aws_sqs_queue_policy.this]
}
