provider "aws" {
  region = var.region
}

locals {
  name = "removals-quotes"
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

resource "aws_iam_role" "quotes" {
  name               = "${local.name}-function"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = var.tags
}

resource "aws_cloudwatch_log_group" "quotes" {
  name              = "/aws/lambda/${local.name}"
  retention_in_days = 14
  tags              = var.tags
}

resource "aws_iam_role_policy" "logs" {
  name = "write-logs"
  role = aws_iam_role.quotes.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.quotes.arn}:*"
    }]
  })
}

resource "aws_lambda_function" "quotes" {
  function_name    = local.name
  description      = "Works out what a removal costs"
  filename         = "${path.module}/function/quotes.zip"
  source_code_hash = filebase64sha256("${path.module}/function/quotes.zip")
  handler          = "quotes.handler"
  runtime          = "python3.8"
  role             = aws_iam_role.quotes.arn
  memory_size      = 128
  timeout          = 10
  tags             = var.tags

  environment {
    variables = {
      PRICE_PER_KM   = tostring(var.price_per_km)
      PRICE_PER_CBM  = tostring(var.price_per_cubic_metre)
      PRICE_CURRENCY = var.currency
    }
  }

  depends_on = [aws_cloudwatch_log_group.quotes]
}

resource "aws_api_gateway_rest_api" "quotes" {
  name = local.name
  tags = var.tags

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_resource" "any" {
  rest_api_id = aws_api_gateway_rest_api.quotes.id
  parent_id   = aws_api_gateway_rest_api.quotes.root_resource_id
  path_part   = "{proxy+}"
}

resource "aws_api_gateway_method" "any" {
  rest_api_id   = aws_api_gateway_rest_api.quotes.id
  resource_id   = aws_api_gateway_resource.any.id
  http_method   = "ANY"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "any" {
  rest_api_id             = aws_api_gateway_rest_api.quotes.id
  resource_id             = aws_api_gateway_resource.any.id
  http_method             = aws_api_gateway_method.any.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = aws_lambda_function.quotes.invoke_arn
}

resource "aws_lambda_permission" "api" {
  statement_id  = "AllowApi"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.quotes.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.quotes.execution_arn}/*/*"
}

resource "aws_api_gateway_deployment" "quotes" {
  rest_api_id = aws_api_gateway_rest_api.quotes.id

  triggers = {
    redeployment = sha1(jsonencode([aws_api_gateway_method.any.id, aws_api_gateway_integration.any.id]))
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "quotes" {
  rest_api_id   = aws_api_gateway_rest_api.quotes.id
  deployment_id = aws_api_gateway_deployment.quotes.id
  stage_name    = var.stage
  tags          = var.tags
}
