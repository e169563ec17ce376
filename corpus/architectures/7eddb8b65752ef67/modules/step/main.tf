resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = 7
}

resource "aws_lambda_function" "this" {
  function_name    = var.name
  filename         = var.archive
  source_code_hash = filebase64sha256(var.archive)
  handler          = var.handler
  runtime          = "python3.8"
  role             = var.role_arn
  memory_size      = var.memory
  timeout          = var.timeout

  depends_on = [aws_cloudwatch_log_group.this]
}
