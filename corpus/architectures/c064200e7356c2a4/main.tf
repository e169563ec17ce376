# A GraphQL notice board of a village: an AppSync API with a schema file, two table data sources, resolvers from template files, an API key and logging.

provider "aws" {
  region = var.region
}

locals {
  name = "village-board"

  tables = toset(["notices", "places"])

  resolvers = {
    "Query.notice"      = "notices"
    "Query.place"       = "places"
    "Mutation.post"     = "notices"
    "Mutation.takeDown" = "notices"
    "Notice.where"      = "places"
  }
}

resource "aws_dynamodb_table" "this" {
  for_each = local.tables

  name         = "${local.name}-${each.key}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["appsync.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "board" {
  for_each = toset(["tables", "logs"])

  name               = "${local.name}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

data "aws_iam_policy_document" "tables" {
  statement {
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"]
    resources = [for table in aws_dynamodb_table.this : table.arn]
  }
}

resource "aws_iam_role_policy" "tables" {
  name   = "use-the-tables"
  role   = aws_iam_role.board["tables"].id
  policy = data.aws_iam_policy_document.tables.json
}

resource "aws_appsync_graphql_api" "board" {
  name                = local.name
  authentication_type = "API_KEY"
  schema              = file("${path.module}/schema.graphql")
  xray_enabled        = false
  tags                = var.tags

  log_config {
    cloudwatch_logs_role_arn = aws_iam_role.board["logs"].arn
    field_log_level          = "ERROR"
  }

  additional_authentication_provider {
    authentication_type = "AWS_IAM"
  }
}

resource "aws_appsync_api_key" "villagers" {
  api_id      = aws_appsync_graphql_api.board.id
  description = "On the poster at the bus stop"
  expires     = var.key_expires
}

resource "aws_appsync_datasource" "table" {
  for_each = local.tables

  api_id           = aws_appsync_graphql_api.board.id
  name             = each.key
  type             = "AMAZON_DYNAMODB"
  service_role_arn = aws_iam_role.board["tables"].arn

  dynamodb_config {
    table_name = aws_dynamodb_table.this[each.key].name
    region     = var.region
  }
}

resource "aws_appsync_resolver" "this" {
  for_each = local.resolvers

  api_id            = aws_appsync_graphql_api.board.id
  type              = split(".", each.key)[0]
  field             = split(".", each.key)[1]
  data_source       = aws_appsync_datasource.table[each.value].name
  request_template  = file("${path.module}/resolvers/${each.key}.vtl")
  response_template = "$util.toJson($ctx.result)"
}
