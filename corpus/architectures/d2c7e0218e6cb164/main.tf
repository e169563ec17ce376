# A bucket announces pictures on one topic per kind by key prefix and file type, two queues receive them raw or wrapped, and a table keeps the index.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  name = "${var.team}-drop-box"

  # What is dropped where, and how its reader wants to hear of it.
  kinds = {
    portraits = { suffix = ".jpg", raw = true, keep = 3600 }
    floorplan = { suffix = ".svg", raw = false, keep = 86400 }
  }
}

resource "aws_s3_bucket" "box" {
  bucket        = "${local.name}-${data.aws_caller_identity.current.account_id}"
  force_destroy = true
  tags          = var.tags

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
}

resource "aws_s3_bucket_public_access_block" "box" {
  bucket = aws_s3_bucket.box.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_sns_topic" "kind" {
  for_each = local.kinds

  name         = "${local.name}-${each.key}"
  display_name = "Dropped: ${each.key}"
  tags         = var.tags
}

data "aws_iam_policy_document" "topic" {
  for_each = local.kinds

  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.kind[each.key].arn]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [aws_s3_bucket.box.arn]
    }
  }
}

resource "aws_sns_topic_policy" "kind" {
  for_each = local.kinds

  arn    = aws_sns_topic.kind[each.key].arn
  policy = data.aws_iam_policy_document.topic[each.key].json
}

# S3 checks that it may publish when the notification is made, so the policies
# come first.

resource "aws_s3_bucket_notification" "box" {
  bucket     = aws_s3_bucket.box.id
  depends_on = [aws_sns_topic_policy.kind]

  dynamic "topic" {
    for_each = local.kinds

    content {
      id            = topic.key
      topic_arn     = aws_sns_topic.kind[topic.key].arn
      events        = ["s3:ObjectCreated:*"]
      filter_prefix = "${topic.key}/"
      filter_suffix = topic.value.suffix
    }
  }
}

resource "aws_sqs_queue" "kind" {
  for_each = local.kinds

  name                      = "${local.name}-${each.key}"
  message_retention_seconds = each.value.keep
  tags                      = merge(var.tags, { Kind = each.key })
}

data "aws_iam_policy_document" "queue" {
  for_each = local.kinds

  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.kind[each.key].arn]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_sns_topic.kind[each.key].arn]
    }
  }
}

resource "aws_sqs_queue_policy" "kind" {
  for_each = local.kinds

  queue_url = aws_sqs_queue.kind[each.key].id
  policy    = data.aws_iam_policy_document.queue[each.key].json
}

resource "aws_sns_topic_subscription" "kind" {
  for_each = local.kinds

  topic_arn            = aws_sns_topic.kind[each.key].arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.kind[each.key].arn
  raw_message_delivery = each.value.raw
}

resource "aws_dynamodb_table" "index" {
  name         = "${local.name}-index"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "kind"
  range_key    = "key"
  tags         = var.tags

  dynamic "attribute" {
    for_each = ["kind", "key", "etag"]

    content {
      name = attribute.value
      type = "S"
    }
  }

  global_secondary_index {
    name            = "same-picture"
    hash_key        = "etag"
    range_key       = "key"
    projection_type = "KEYS_ONLY"
  }
}
