# A ferry line's berths in two regions: a DynamoDB table on either shore, each with its indexes, expiry and stream, filled from one list of berths.

provider "aws" {
  region = var.region
}

provider "aws" {
  alias  = "far"
  region = var.far_region
}

locals {
  name = "ferry-sailings"

  tags = {
    Line = "skerries"
  }

  # Every berth is known on both shores; the items are DynamoDB's own JSON, with types.
  berths = {
    for pier, berth in var.berths : pier => jsonencode({
      pier    = { S = pier }
      sailing = { S = "berth" }
      ship    = { S = berth.ship }
      metres  = { N = tostring(berth.metres) }
    })
  }
}

resource "aws_dynamodb_table" "near" {
  name             = local.name
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "pier"
  range_key        = "sailing"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  tags             = merge(local.tags, { Shore = "near" })

  attribute {
    name = "pier"
    type = "S"
  }

  attribute {
    name = "sailing"
    type = "S"
  }

  attribute {
    name = "ship"
    type = "S"
  }

  attribute {
    name = "passengers"
    type = "N"
  }

  local_secondary_index {
    name            = "by-passengers"
    range_key       = "passengers"
    projection_type = "ALL"
  }

  global_secondary_index {
    name               = "by-ship"
    hash_key           = "ship"
    range_key          = "sailing"
    projection_type    = "INCLUDE"
    non_key_attributes = ["passengers"]
  }

  ttl {
    attribute_name = "forget_at"
    enabled        = true
  }
}

# The far shore's table is read more than written, and has its capacity fixed.

resource "aws_dynamodb_table" "far" {
  provider = aws.far

  name             = local.name
  billing_mode     = "PROVISIONED"
  read_capacity    = var.far_capacity.read
  write_capacity   = var.far_capacity.write
  hash_key         = "pier"
  range_key        = "sailing"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  tags             = merge(local.tags, { Shore = "far" })

  attribute {
    name = "pier"
    type = "S"
  }

  attribute {
    name = "sailing"
    type = "S"
  }

  attribute {
    name = "ship"
    type = "S"
  }

  global_secondary_index {
    name            = "by-ship"
    hash_key        = "ship"
    range_key       = "sailing"
    projection_type = "KEYS_ONLY"
    read_capacity   = var.far_capacity.read
    write_capacity  = var.far_capacity.write
  }

  ttl {
    attribute_name = "forget_at"
    enabled        = true
  }
}

resource "aws_dynamodb_table_item" "near" {
  for_each = local.berths

  table_name = aws_dynamodb_table.near.name
  hash_key   = aws_dynamodb_table.near.hash_key
  range_key  = aws_dynamodb_table.near.range_key
  item       = each.value
}

resource "aws_dynamodb_table_item" "far" {
  provider = aws.far
  for_each = local.berths

  table_name = aws_dynamodb_table.far.name
  hash_key   = aws_dynamodb_table.far.hash_key
  range_key  = aws_dynamodb_table.far.range_key
  item       = each.value
}

# The replicator may read either stream and write to either table.

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "replicate" {
  statement {
    sid       = "ReadStreams"
    actions   = ["dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"]
    resources = [aws_dynamodb_table.near.stream_arn, aws_dynamodb_table.far.stream_arn]
  }

  statement {
    sid       = "WriteTables"
    actions   = ["dynamodb:PutItem", "dynamodb:DeleteItem"]
    resources = [aws_dynamodb_table.near.arn, aws_dynamodb_table.far.arn]
  }
}

resource "aws_iam_role" "replicator" {
  name               = "${local.name}-replicator"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = local.tags
}

resource "aws_iam_role_policy" "replicate" {
  name   = "replicate"
  role   = aws_iam_role.replicator.id
  policy = data.aws_iam_policy_document.replicate.json
}
