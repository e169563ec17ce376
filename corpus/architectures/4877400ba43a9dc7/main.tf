# Topics in three regions feed one queue at home: a provider alias per region, subscriptions that cross regions, and a filter that only lets warnings through.

provider "aws" {
  region = var.region
}

provider "aws" {
  alias  = "ireland"
  region = "eu-west-1"
}

provider "aws" {
  alias  = "tokyo"
  region = "ap-northeast-1"
}

provider "aws" {
  alias  = "oregon"
  region = "us-west-2"
}

locals {
  name = "glacier-warnings"

  # Providers cannot be chosen by for_each, so each region is written out once
  # and collected here.
  topics = {
    "eu-west-1"      = aws_sns_topic.ireland.arn
    "ap-northeast-1" = aws_sns_topic.tokyo.arn
    "us-west-2"      = aws_sns_topic.oregon.arn
  }
}

resource "aws_sns_topic" "ireland" {
  provider = aws.ireland

  name         = local.name
  display_name = "Vatnajökull"
}

resource "aws_sns_topic" "tokyo" {
  provider = aws.tokyo

  name         = local.name
  display_name = "Gozenzawa"
}

resource "aws_sns_topic" "oregon" {
  provider = aws.oregon

  name         = local.name
  display_name = "Collier"
}

resource "aws_sqs_queue" "warnings" {
  name                      = local.name
  message_retention_seconds = 345600

  tags = {
    Home = var.region
  }
}

data "aws_iam_policy_document" "warnings" {
  dynamic "statement" {
    for_each = local.topics

    content {
      sid       = replace(title(replace(statement.key, "-", " ")), " ", "")
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.warnings.arn]

      principals {
        type        = "Service"
        identifiers = ["sns.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = [statement.value]
      }
    }
  }
}

resource "aws_sqs_queue_policy" "warnings" {
  queue_url = aws_sqs_queue.warnings.id
  policy    = data.aws_iam_policy_document.warnings.json
}

# A subscription lives where its topic lives, not where its queue does.

resource "aws_sns_topic_subscription" "ireland" {
  provider = aws.ireland

  topic_arn     = aws_sns_topic.ireland.arn
  protocol      = "sqs"
  endpoint      = aws_sqs_queue.warnings.arn
  filter_policy = local.only_warnings
}

resource "aws_sns_topic_subscription" "tokyo" {
  provider = aws.tokyo

  topic_arn     = aws_sns_topic.tokyo.arn
  protocol      = "sqs"
  endpoint      = aws_sqs_queue.warnings.arn
  filter_policy = local.only_warnings
}

resource "aws_sns_topic_subscription" "oregon" {
  provider = aws.oregon

  topic_arn     = aws_sns_topic.oregon.arn
  protocol      = "sqs"
  endpoint      = aws_sqs_queue.warnings.arn
  filter_policy = local.only_warnings
}

locals {
  only_warnings = jsonencode({
    severity = ["warning", "alarm"]
    metres   = [{ numeric = [">=", var.metres] }]
  })
}

# The far regions find their way home by this parameter.

resource "aws_ssm_parameter" "home" {
  provider = aws.tokyo

  name  = "/${local.name}/home"
  type  = "String"
  value = aws_sqs_queue.warnings.arn
}
