provider "aws" {
  region = var.region
}

locals {
  name = "parcel-weigher"
  tags = { Application = local.name }
}

resource "aws_sqs_queue" "unweighable" {
  name                      = "${local.name}-unweighable"
  message_retention_seconds = 1209600
  tags                      = local.tags
}

resource "aws_sqs_queue" "parcels" {
  name                       = "${local.name}-parcels"
  visibility_timeout_seconds = var.visibility_timeout
  tags                       = local.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.unweighable.arn
    maxReceiveCount     = 1
  })
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "work" {
  statement {
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.parcels.arn]
  }
}

resource "aws_iam_role" "weigher" {
  name               = local.name
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = local.tags
}

resource "aws_iam_role_policy" "work" {
  name   = "read-parcels"
  role   = aws_iam_role.weigher.id
  policy = data.aws_iam_policy_document.work.json
}

resource "aws_lambda_function" "weigher" {
  function_name    = local.name
  filename         = "${path.module}/src/weigher.zip"
  source_code_hash = filebase64sha256("${path.module}/src/weigher.zip")
  handler          = "weigher.handler"
  runtime          = "python3.8"
  role             = aws_iam_role.weigher.arn
  timeout          = 5
  publish          = true
  tags             = local.tags

  environment {
    variables = {
      LIMIT_GRAMS = tostring(var.limit_grams)
    }
  }

  depends_on = [aws_iam_role_policy.work]
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "What the warehouse uses"
  function_name    = aws_lambda_function.weigher.function_name
  function_version = aws_lambda_function.weigher.version
}

resource "aws_lambda_event_source_mapping" "parcels" {
  event_source_arn = aws_sqs_queue.parcels.arn
  function_name    = aws_lambda_function.weigher.arn
  batch_size       = 1
  enabled          = true
}
