provider "aws" {
  region = var.region
}

locals {
  name = "lighthouse-letter"

  templates = {
    welcome  = "Welcome aboard, {{name}}"
    farewell = "Fair winds, {{name}}"
  }

  senders = toset(["editor", "no-reply"])
}

resource "aws_ses_domain_identity" "letter" {
  domain = var.domain
}

resource "aws_ses_domain_dkim" "letter" {
  domain = aws_ses_domain_identity.letter.domain
}

resource "aws_ses_email_identity" "sender" {
  for_each = local.senders

  email = "${each.key}@${var.domain}"
}

resource "aws_ses_template" "letter" {
  for_each = local.templates

  name    = "${local.name}-${each.key}"
  subject = each.value
  html    = file("${path.module}/mails/${each.key}.html")
  text    = file("${path.module}/mails/${each.key}.txt")
}

resource "aws_ses_configuration_set" "letter" {
  name = local.name
}

resource "aws_sns_topic" "events" {
  name = "${local.name}-events"
}

resource "aws_ses_event_destination" "topic" {
  name                   = "to-topic"
  configuration_set_name = aws_ses_configuration_set.letter.name
  enabled                = true
  matching_types         = ["send", "bounce", "complaint", "delivery"]

  sns_destination {
    topic_arn = aws_sns_topic.events.arn
  }
}

resource "aws_sqs_queue" "bookkeeping" {
  name                      = "${local.name}-bookkeeping"
  message_retention_seconds = 86400
}

resource "aws_sqs_queue_policy" "bookkeeping" {
  queue_url = aws_sqs_queue.bookkeeping.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.bookkeeping.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.events.arn } }
    }]
  })
}

resource "aws_sns_topic_subscription" "bookkeeping" {
  topic_arn            = aws_sns_topic.events.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.bookkeeping.arn
  raw_message_delivery = true
}
