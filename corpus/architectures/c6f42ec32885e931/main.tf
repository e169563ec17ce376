provider "aws" {
  region = var.region
}

locals {
  name = "greengrocer-orders"

  produce = {
    apples  = { price = 3, origin = "Kent" }
    carrots = { price = 2, origin = "Norfolk" }
    kale    = { price = 4, origin = "Lincolnshire" }
  }
}

resource "aws_api_gateway_rest_api" "orders" {
  name        = local.name
  description = "Orders of a greengrocer"
  tags        = var.tags

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_model" "order" {
  rest_api_id  = aws_api_gateway_rest_api.orders.id
  name         = "Order"
  description  = "What a customer sends"
  content_type = "application/json"
  schema       = file("${path.module}/schemas/order.json")
}

resource "aws_api_gateway_request_validator" "body" {
  rest_api_id                 = aws_api_gateway_rest_api.orders.id
  name                        = "body"
  validate_request_body       = true
  validate_request_parameters = true
}

# GET /produce lists what there is today.

resource "aws_api_gateway_resource" "produce" {
  rest_api_id = aws_api_gateway_rest_api.orders.id
  parent_id   = aws_api_gateway_rest_api.orders.root_resource_id
  path_part   = "produce"
}

module "list_produce" {
  source = "./modules/mock-method"

  rest_api_id       = aws_api_gateway_rest_api.orders.id
  resource_id       = aws_api_gateway_resource.produce.id
  http_method       = "GET"
  status_code       = "200"
  response_template = jsonencode({ produce = local.produce })
}

# POST /orders takes an order, with an API key only.

resource "aws_api_gateway_resource" "orders" {
  rest_api_id = aws_api_gateway_rest_api.orders.id
  parent_id   = aws_api_gateway_rest_api.orders.root_resource_id
  path_part   = "orders"
}

module "place_order" {
  source = "./modules/mock-method"

  rest_api_id          = aws_api_gateway_rest_api.orders.id
  resource_id          = aws_api_gateway_resource.orders.id
  http_method          = "POST"
  status_code          = "202"
  api_key_required     = true
  request_validator_id = aws_api_gateway_request_validator.body.id
  request_models       = { "application/json" = aws_api_gateway_model.order.name }
  response_template    = jsonencode({ accepted = true })
}

# GET /orders/{order_id} echoes the order's id.

resource "aws_api_gateway_resource" "order" {
  rest_api_id = aws_api_gateway_rest_api.orders.id
  parent_id   = aws_api_gateway_resource.orders.id
  path_part   = "{order_id}"
}

module "show_order" {
  source = "./modules/mock-method"

  rest_api_id        = aws_api_gateway_rest_api.orders.id
  resource_id        = aws_api_gateway_resource.order.id
  http_method        = "GET"
  status_code        = "200"
  request_parameters = { "method.request.path.order_id" = true }
  response_template  = file("${path.module}/templates/show-order.vtl")
}

resource "aws_api_gateway_deployment" "orders" {
  rest_api_id = aws_api_gateway_rest_api.orders.id
  description = "Deployed by Terraform"

  triggers = {
    redeployment = sha1(jsonencode([
      module.list_produce.fingerprint,
      module.place_order.fingerprint,
      module.show_order.fingerprint,
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "live" {
  rest_api_id   = aws_api_gateway_rest_api.orders.id
  deployment_id = aws_api_gateway_deployment.orders.id
  stage_name    = var.stage
  tags          = var.tags

  variables = {
    currency = "GBP"
  }
}

resource "aws_api_gateway_api_key" "shop" {
  name        = "${local.name}-shop"
  description = "The corner shop"
  tags        = var.tags
}

resource "aws_api_gateway_usage_plan" "shops" {
  name = "${local.name}-shops"
  tags = var.tags

  api_stages {
    api_id = aws_api_gateway_rest_api.orders.id
    stage  = aws_api_gateway_stage.live.stage_name
  }

  quota_settings {
    limit  = 10000
    period = "DAY"
  }

  throttle_settings {
    burst_limit = 50
    rate_limit  = 100
  }
}

resource "aws_api_gateway_usage_plan_key" "shop" {
  key_id        = aws_api_gateway_api_key.shop.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.shops.id
}
