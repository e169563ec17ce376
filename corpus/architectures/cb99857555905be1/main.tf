provider "aws" {
  region = var.region
}

locals {
  name = "library-loans"

  branches = {
    central   = { opens = "09:00", shelves = 420 }
    riverside = { opens = "10:30", shelves = 130 }
  }
}

resource "aws_kms_key" "loans" {
  description             = "Library loans at rest"
  deletion_window_in_days = 7
  tags                    = var.tags
}

resource "aws_dynamodb_table" "loans" {
  name             = local.name
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "reader"
  range_key        = "book"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  tags             = var.tags

  attribute {
    name = "reader"
    type = "S"
  }

  attribute {
    name = "book"
    type = "S"
  }

  attribute {
    name = "branch"
    type = "S"
  }

  attribute {
    name = "due"
    type = "N"
  }

  global_secondary_index {
    name            = "by-branch"
    hash_key        = "branch"
    range_key       = "due"
    projection_type = "ALL"
  }

  local_secondary_index {
    name               = "by-due-date"
    range_key          = "due"
    projection_type    = "INCLUDE"
    non_key_attributes = ["title"]
  }

  ttl {
    attribute_name = "forget_at"
    enabled        = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.loans.arn
  }
}

resource "aws_dynamodb_table" "branches" {
  name           = "library-branches"
  billing_mode   = "PROVISIONED"
  read_capacity  = 5
  write_capacity = 5
  hash_key       = "branch"
  tags           = var.tags

  attribute {
    name = "branch"
    type = "S"
  }
}

resource "aws_dynamodb_table_item" "branch" {
  for_each = local.branches

  table_name = aws_dynamodb_table.branches.name
  hash_key   = aws_dynamodb_table.branches.hash_key

  item = jsonencode({
    branch  = { S = each.key }
    opens   = { S = each.value.opens }
    shelves = { N = tostring(each.value.shelves) }
  })
}
