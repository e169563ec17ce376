provider "aws" {
  region = var.region
}

locals {
  name = "notes-indexer"
}

resource "aws_s3_bucket" "notes" {
  bucket        = "${var.bucket_prefix}-notes"
  force_destroy = true
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "notes" {
  bucket = aws_s3_bucket.notes.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_dynamodb_table" "index" {
  name         = "${local.name}-index"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "key"
  tags         = var.tags

  attribute {
    name = "key"
    type = "S"
  }
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

data "aws_iam_policy_document" "index" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.notes.arn}/*"]
  }

  statement {
    actions   = ["dynamodb:PutItem", "dynamodb:DeleteItem"]
    resources = [aws_dynamodb_table.index.arn]
  }
}

resource "aws_iam_role" "indexer" {
  name               = local.name
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "index" {
  name   = "index-notes"
  role   = aws_iam_role.indexer.id
  policy = data.aws_iam_policy_document.index.json
}

resource "aws_lambda_function" "indexer" {
  function_name    = local.name
  filename         = "${path.module}/lambda/indexer.zip"
  source_code_hash = filebase64sha256("${path.module}/lambda/indexer.zip")
  handler          = "indexer.handler"
  runtime          = "python3.8"
  role             = aws_iam_role.indexer.arn
  timeout          = 15
  tags             = var.tags

  environment {
    variables = {
      TABLE = aws_dynamodb_table.index.name
    }
  }

  depends_on = [aws_iam_role_policy.index]
}

resource "aws_lambda_permission" "notes" {
  statement_id  = "AllowBucket"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.indexer.function_name
  principal     = "s3.amazonaws.com"
  source_arn    = aws_s3_bucket.notes.arn
}

resource "aws_s3_bucket_notification" "notes" {
  bucket = aws_s3_bucket.notes.id

  lambda_function {
    id                  = "index-notes"
    lambda_function_arn = aws_lambda_function.indexer.arn
    events              = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    filter_prefix       = "inbox/"
    filter_suffix       = ".md"
  }

  depends_on = [aws_lambda_permission.notes]
}
