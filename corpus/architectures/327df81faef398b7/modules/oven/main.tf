resource "aws_sqs_queue" "orders" {
  name = "${var.name}-orders"
}

resource "aws_sqs_queue_policy" "orders" {
  queue_url = aws_sqs_queue.orders.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.orders.arn
      Condition = { ArnEquals = { "aws:SourceArn" = var.topic_arn } }
    }]
  })
}

resource "aws_sns_topic_subscription" "orders" {
  topic_arn            = var.topic_arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.orders.arn
  raw_message_delivery = true
  filter_policy        = jsonencode({ product = [var.product] })
}

module "alarm" {
  source = "../alarm"

  for_each = {
    cold = { comparison = "LessThanThreshold", celsius = var.celsius - 15 }
    hot  = { comparison = "GreaterThanThreshold", celsius = var.celsius + 15 }
  }

  name       = "${var.name}-too-${each.key}"
  oven       = var.name
  comparison = each.value.comparison
  celsius    = each.value.celsius
}
