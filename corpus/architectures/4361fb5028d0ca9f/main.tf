# A register of mountain huts as a REST API that is described by one OpenAPI document, rendered from a template, with mock integrations, validated requests, its own error pages and two stages.

provider "aws" {
  region = var.region
}

locals {
  name = "hut-register"

  document = yamldecode(templatefile("${path.module}/openapi.yaml.tpl", {
    title = local.name
    huts  = var.huts
  }))

  # The error pages that differ from API Gateway's own.
  errors = {
    BAD_REQUEST_PARAMETERS       = { status = 400, hint = "a query parameter is missing" }
    BAD_REQUEST_BODY             = { status = 422, hint = "this is not a reservation" }
    MISSING_AUTHENTICATION_TOKEN = { status = 404, hint = "no such page" }
  }
}

resource "aws_api_gateway_rest_api" "huts" {
  name        = local.name
  description = "Beds of ${length(var.huts)} mountain huts"
  body        = jsonencode(local.document)
  tags        = var.tags

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_gateway_response" "error" {
  for_each = local.errors

  rest_api_id   = aws_api_gateway_rest_api.huts.id
  response_type = each.key
  status_code   = tostring(each.value.status)

  response_templates = {
    "application/json" = jsonencode({ error = each.value.hint, service = local.name })
  }

  response_parameters = {
    "gatewayresponse.header.Cache-Control" = "'no-store'"
  }
}

# A deployment is a snapshot: it must be made anew whenever what it shows has changed.

resource "aws_api_gateway_deployment" "huts" {
  rest_api_id = aws_api_gateway_rest_api.huts.id

  triggers = {
    document = sha1(aws_api_gateway_rest_api.huts.body)
    errors   = sha1(jsonencode(local.errors))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_api_gateway_gateway_response.error]
}

resource "aws_api_gateway_stage" "this" {
  for_each = var.stages

  rest_api_id   = aws_api_gateway_rest_api.huts.id
  deployment_id = aws_api_gateway_deployment.huts.id
  stage_name    = each.key
  description   = "For ${each.value.audience}"
  tags          = var.tags

  variables = {
    audience = each.value.audience
    season   = var.season
  }
}

resource "aws_api_gateway_method_settings" "all" {
  for_each = aws_api_gateway_stage.this

  rest_api_id = aws_api_gateway_rest_api.huts.id
  stage_name  = each.value.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    throttling_rate_limit  = var.stages[each.key].rate
    throttling_burst_limit = var.stages[each.key].rate * 2
  }
}
