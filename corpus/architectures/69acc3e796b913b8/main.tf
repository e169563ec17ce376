# A brewery's queues, tables, logs and settings for every cellar and stage, and the resource groups that find them again by their tags.

provider "aws" {
  region = var.region
}

locals {
  # How long the stages keep their logs, in days.
  stages = {
    trial = 1
    live  = 30
  }

  # Everything that a cellar owns, once for each stage.
  cellars = {
    for pair in setproduct(keys(local.stages), var.cellars) :
    "${pair[0]}-${pair[1]}" => { stage = pair[0], cellar = pair[1] }
  }
}

resource "aws_dynamodb_table" "recipes" {
  for_each = local.stages

  name         = "brewery-${each.key}-recipes"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "beer"
  tags         = { Stage = each.key }

  attribute {
    name = "beer"
    type = "S"
  }
}

resource "aws_cloudwatch_log_group" "batches" {
  for_each = local.stages

  name              = "/brewery/${each.key}/batches"
  retention_in_days = each.value
  tags              = { Stage = each.key }
}

resource "aws_sqs_queue" "batches" {
  for_each = local.cellars

  name                       = "brewery-${each.key}-batches"
  visibility_timeout_seconds = each.value.stage == "live" ? 900 : 60

  tags = {
    Stage  = each.value.stage
    Cellar = each.value.cellar
  }
}

resource "aws_ssm_parameter" "temperature" {
  for_each = local.cellars

  name  = "/brewery/${each.value.stage}/${each.value.cellar}/temperature"
  type  = "String"
  value = tostring(lookup(var.temperatures, each.value.cellar, 12))

  tags = {
    Stage  = each.value.stage
    Cellar = each.value.cellar
  }
}

resource "aws_resourcegroups_group" "stage" {
  for_each = local.stages

  name        = "brewery-stage-${each.key}"
  description = "Everything of the ${each.key} stage"
  tags        = { Kind = "stage" }

  resource_query {
    query = jsonencode({
      ResourceTypeFilters = ["AWS::AllSupported"]
      TagFilters          = [{ Key = "Stage", Values = [each.key] }]
    })
  }
}

resource "aws_resourcegroups_group" "cellar_queues" {
  for_each = toset(var.cellars)

  name        = "brewery-queues-${each.key}"
  description = "The queues of the cellar ${each.key} in all stages"
  tags        = { Kind = "cellar" }

  resource_query {
    type = "TAG_FILTERS_1_0"

    query = jsonencode({
      ResourceTypeFilters = ["AWS::SQS::Queue"]
      TagFilters = [
        { Key = "Cellar", Values = [each.key] },
        { Key = "Stage", Values = keys(local.stages) },
      ]
    })
  }
}
