provider "aws" {
  region = var.region
}

locals {
  name    = "radio-clicks"
  readers = ["charts", "royalties"]
}

resource "aws_kms_key" "clicks" {
  description             = "Clicks in transit"
  deletion_window_in_days = 7
  tags                    = var.tags
}

resource "aws_kms_alias" "clicks" {
  name          = "alias/${local.name}"
  target_key_id = aws_kms_key.clicks.key_id
}

resource "aws_kinesis_stream" "clicks" {
  name             = local.name
  shard_count      = var.shards
  retention_period = 48
  encryption_type  = "KMS"
  kms_key_id       = aws_kms_key.clicks.arn
  tags             = var.tags
}

resource "aws_kinesis_stream_consumer" "charts" {
  name       = "${local.name}-charts"
  stream_arn = aws_kinesis_stream.clicks.arn
}

resource "aws_dynamodb_table" "checkpoint" {
  for_each = toset(local.readers)

  name         = "${local.name}-${each.key}-checkpoints"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "shard"
  tags         = merge(var.tags, { Reader = each.key })

  attribute {
    name = "shard"
    type = "S"
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "reader" {
  for_each = toset(local.readers)

  name               = "${local.name}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = var.tags
}

data "aws_iam_policy_document" "reader" {
  for_each = toset(local.readers)

  statement {
    actions   = ["kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards"]
    resources = [aws_kinesis_stream.clicks.arn]
  }

  statement {
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.checkpoint[each.key].arn]
  }

  statement {
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.clicks.arn]
  }
}

resource "aws_iam_role_policy" "reader" {
  for_each = toset(local.readers)

  name   = "read-clicks"
  role   = aws_iam_role.reader[each.key].id
  policy = data.aws_iam_policy_document.reader[each.key].json
}
