# A tide table's REST API answers from mocks, validates requests by parameter and by body, and meters its customers' own keys by usage plans on two stages.

provider "aws" {
  region = var.region
}

locals {
  name = "tide-tables"

  validators = {
    parameters = { body = false, parameters = true }
    body       = { body = true, parameters = false }
  }

  # What can be asked for. Harbours are looked up by query, observations are sent in.
  methods = {
    "GET tides" = {
      status    = "200"
      validator = "parameters"
      parameters = {
        "method.request.querystring.harbour" = true
        "method.request.querystring.day"     = false
      }
      models = {}
      reply = {
        harbour = "$input.params('harbour')"
        high    = ["04:12", "16:37"]
        low     = ["10:21", "22:50"]
      }
    }
    "POST observations" = {
      status     = "201"
      validator  = "body"
      parameters = {}
      models     = { "application/json" = "Observation" }
      reply      = { stored = true }
    }
    "GET observations" = {
      status     = "200"
      validator  = null
      parameters = {}
      models     = {}
      reply      = { observations = [] }
    }
  }

  # Every customer belongs to a plan and brings a key of its own.
  members = { for name, customer in var.customers : name => customer.plan }
}

resource "aws_api_gateway_rest_api" "this" {
  name           = local.name
  description    = "High and low water"
  api_key_source = "HEADER"
  tags           = var.tags

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_model" "observation" {
  rest_api_id  = aws_api_gateway_rest_api.this.id
  name         = "Observation"
  description  = "A height that somebody read from a gauge"
  content_type = "application/json"
  schema       = file("${path.module}/models/observation.json")
}

resource "aws_api_gateway_model" "problem" {
  rest_api_id  = aws_api_gateway_rest_api.this.id
  name         = "Problem"
  content_type = "application/json"
  schema       = file("${path.module}/models/problem.json")
}

resource "aws_api_gateway_request_validator" "this" {
  for_each = local.validators

  rest_api_id                 = aws_api_gateway_rest_api.this.id
  name                        = each.key
  validate_request_body       = each.value.body
  validate_request_parameters = each.value.parameters
}

resource "aws_api_gateway_resource" "this" {
  for_each = toset([for key in keys(local.methods) : split(" ", key)[1]])

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = each.key
}

resource "aws_api_gateway_method" "this" {
  for_each = local.methods

  rest_api_id          = aws_api_gateway_rest_api.this.id
  resource_id          = aws_api_gateway_resource.this[split(" ", each.key)[1]].id
  http_method          = split(" ", each.key)[0]
  authorization        = "NONE"
  api_key_required     = true
  request_parameters   = each.value.parameters
  request_models       = each.value.models
  request_validator_id = each.value.validator == null ? null : aws_api_gateway_request_validator.this[each.value.validator].id

  depends_on = [aws_api_gateway_model.observation]
}

resource "aws_api_gateway_method_response" "this" {
  for_each = aws_api_gateway_method.this

  rest_api_id = aws_api_gateway_rest_api.this.id
  resource_id = each.value.resource_id
  http_method = each.value.http_method
  status_code = local.methods[each.key].status
}

resource "aws_api_gateway_integration" "this" {
  for_each = aws_api_gateway_method.this

  rest_api_id          = aws_api_gateway_rest_api.this.id
  resource_id          = each.value.resource_id
  http_method          = each.value.http_method
  type                 = "MOCK"
  passthrough_behavior = "WHEN_NO_MATCH"

  request_templates = {
    "application/json" = jsonencode({ statusCode = tonumber(local.methods[each.key].status) })
  }
}

resource "aws_api_gateway_integration_response" "this" {
  for_each = aws_api_gateway_integration.this

  rest_api_id = aws_api_gateway_rest_api.this.id
  resource_id = each.value.resource_id
  http_method = each.value.http_method
  status_code = aws_api_gateway_method_response.this[each.key].status_code

  response_templates = {
    "application/json" = jsonencode(local.methods[each.key].reply)
  }
}

# What a customer reads whose request was not let in.

resource "aws_api_gateway_gateway_response" "no_key" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  response_type = "INVALID_API_KEY"
  status_code   = "403"

  response_templates = {
    "application/json" = jsonencode({ problem = "Send your key as x-api-key" })
  }
}

resource "aws_api_gateway_gateway_response" "bad_body" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  response_type = "BAD_REQUEST_BODY"
  status_code   = "422"

  response_templates = {
    "application/json" = jsonencode({ problem = "$context.error.validationErrorString" })
  }
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  triggers = {
    redeployment = sha1(jsonencode([
      local.methods,
      local.validators,
      aws_api_gateway_model.observation.schema,
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [
    aws_api_gateway_integration_response.this,
    aws_api_gateway_gateway_response.no_key,
    aws_api_gateway_gateway_response.bad_body,
  ]
}

resource "aws_api_gateway_stage" "this" {
  for_each = toset(["trial", "live"])

  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = each.key
  tags          = merge(var.tags, { Stage = each.key })
}

resource "aws_api_gateway_usage_plan" "this" {
  for_each = var.plans

  name        = "${local.name}-${each.key}"
  description = "${each.value.quota} requests in a ${lower(each.value.period)}"
  tags        = var.tags

  dynamic "api_stages" {
    for_each = each.value.stages

    content {
      api_id = aws_api_gateway_rest_api.this.id
      stage  = aws_api_gateway_stage.this[api_stages.value].stage_name
    }
  }

  quota_settings {
    limit  = each.value.quota
    period = each.value.period
  }

  throttle_settings {
    burst_limit = each.value.burst
    rate_limit  = each.value.rate
  }
}

resource "aws_api_gateway_api_key" "customer" {
  for_each = var.customers

  name        = "${local.name}-${each.key}"
  description = "Customer ${each.key}"
  value       = each.value.key
  enabled     = each.value.enabled
  tags        = var.tags
}

resource "aws_api_gateway_usage_plan_key" "customer" {
  for_each = local.members

  key_id        = aws_api_gateway_api_key.customer[each.key].id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.this[each.value].id
}
