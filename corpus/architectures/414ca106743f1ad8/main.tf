# A railway's lost-property office by mail: domains and desks verified in SES, policies for who may send as whom, answers from templates, and a bucket, topics and a queue for mail that arrives or bounces.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  name = "lost-property"

  # Every desk has an address in every domain.
  desks = {
    for pair in setproduct(var.domains, var.desks) : "${pair[1]}@${pair[0]}" => { domain = pair[0], desk = pair[1] }
  }

  subjects = {
    received = "We have your report {{reference}}"
    found    = "Good news about your {{item}}"
    given-up = "We have not found your {{item}}"
  }
}

resource "aws_ses_domain_identity" "this" {
  for_each = var.domains

  domain = each.key
}

resource "aws_ses_domain_dkim" "this" {
  for_each = var.domains

  domain = aws_ses_domain_identity.this[each.key].domain
}

resource "aws_ses_domain_mail_from" "this" {
  for_each = var.domains

  domain                 = aws_ses_domain_identity.this[each.key].domain
  mail_from_domain       = "bounce.${each.key}"
  behavior_on_mx_failure = "UseDefaultValue"
}

resource "aws_ses_email_identity" "desk" {
  for_each = local.desks

  email = each.key

  # With its domain verified first, an address needs no mail of its own.
  depends_on = [aws_ses_domain_identity.this]
}

# Stations may send in the office's name, but only with its own From address.

data "aws_iam_policy_document" "send" {
  for_each = var.domains

  statement {
    sid       = "SendForTheOffice"
    actions   = ["ses:SendEmail", "ses:SendRawEmail", "ses:SendTemplatedEmail"]
    resources = [aws_ses_domain_identity.this[each.key].arn]

    condition {
      test     = "StringLike"
      variable = "ses:FromAddress"
      values   = [for desk in var.desks : "${desk}@${each.key}"]
    }
  }
}

resource "aws_iam_policy" "station" {
  for_each = var.domains

  name        = "${local.name}-${replace(each.key, ".", "-")}"
  description = "Send mail as ${each.key}"
  policy      = data.aws_iam_policy_document.send[each.key].json
}

# Answers.

resource "aws_ses_template" "answer" {
  for_each = local.subjects

  name    = "${local.name}-${each.key}"
  subject = each.value
  text    = file("${path.module}/mails/${each.key}.txt")

  html = templatefile("${path.module}/mails/frame.html.tpl", {
    office = var.office
    text   = split("\n\n", trimspace(file("${path.module}/mails/${each.key}.txt")))
  })
}

resource "aws_ses_configuration_set" "answers" {
  name = local.name
}

resource "aws_sns_topic" "this" {
  for_each = toset(["arrived", "trouble"])

  name = "${local.name}-${each.key}"
  tags = var.tags
}

resource "aws_ses_event_destination" "trouble" {
  name                   = "trouble"
  configuration_set_name = aws_ses_configuration_set.answers.name
  enabled                = true
  matching_types         = ["bounce", "complaint", "reject"]

  sns_destination {
    topic_arn = aws_sns_topic.this["trouble"].arn
  }
}

# Incoming mail: where it is put, who may put it there, and who is told.

resource "aws_ses_receipt_rule_set" "office" {
  rule_set_name = local.name
}

resource "aws_s3_bucket" "mail" {
  bucket        = "${var.bucket_prefix}-mail"
  force_destroy = true
  tags          = var.tags

  lifecycle_rule {
    id      = "three-months"
    enabled = true
    prefix  = "mail/"

    expiration {
      days = 92
    }
  }

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
}

data "aws_iam_policy_document" "mail" {
  statement {
    sid       = "MailMayBeDelivered"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.mail.arn}/mail/*"]

    principals {
      type        = "Service"
      identifiers = ["ses.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:Referer"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_s3_bucket_policy" "mail" {
  bucket = aws_s3_bucket.mail.id
  policy = data.aws_iam_policy_document.mail.json
}

data "aws_iam_policy_document" "arrived" {
  statement {
    sid       = "BucketMayTell"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this["arrived"].arn]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [aws_s3_bucket.mail.arn]
    }
  }
}

resource "aws_sns_topic_policy" "arrived" {
  arn    = aws_sns_topic.this["arrived"].arn
  policy = data.aws_iam_policy_document.arrived.json
}

resource "aws_s3_bucket_notification" "arrived" {
  bucket = aws_s3_bucket.mail.id

  topic {
    topic_arn     = aws_sns_topic.this["arrived"].arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "mail/"
  }

  # S3 tries the topic while it stores this, so the topic must admit it already.
  depends_on = [aws_sns_topic_policy.arrived]
}

resource "aws_sqs_queue" "clerks" {
  name                      = "${local.name}-clerks"
  message_retention_seconds = 345600
  tags                      = var.tags
}

data "aws_iam_policy_document" "clerks" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.clerks.arn]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [for topic in aws_sns_topic.this : topic.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "clerks" {
  queue_url = aws_sqs_queue.clerks.id
  policy    = data.aws_iam_policy_document.clerks.json
}

resource "aws_sns_topic_subscription" "clerks" {
  for_each = aws_sns_topic.this

  topic_arn            = each.value.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.clerks.arn
  raw_message_delivery = true
}
