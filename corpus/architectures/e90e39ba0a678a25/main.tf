provider "aws" {
  region = var.region
}

locals {
  name = "observatory-${var.dome}"
}

# Terraform's own: who gets to see the readings in the end.

resource "aws_sqs_queue" "astronomers" {
  name = "${local.name}-astronomers"
  tags = var.tags
}

# The older team's stack: a topic, a queue and its settings.

resource "aws_cloudformation_stack" "readings" {
  name          = "${local.name}-readings"
  template_body = file("${path.module}/stack/readings.yaml")
  on_failure    = "DELETE"
  tags          = var.tags

  parameters = {
    Dome             = var.dome
    RetentionSeconds = tostring(var.retention_days * 86400)
  }
}

resource "aws_sns_topic_subscription" "astronomers" {
  topic_arn            = aws_cloudformation_stack.readings.outputs["TopicArn"]
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.astronomers.arn
  raw_message_delivery = true
}

data "aws_iam_policy_document" "astronomers" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.astronomers.arn]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudformation_stack.readings.outputs["TopicArn"]]
    }
  }
}

resource "aws_sqs_queue_policy" "astronomers" {
  queue_url = aws_sqs_queue.astronomers.id
  policy    = data.aws_iam_policy_document.astronomers.json
}
