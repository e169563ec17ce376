# A cider press's CloudFormation stacks inside Terraform: one per orchard rendered from a list of apples, a market stack that nests another by URL and is fed their outputs, all of which Terraform files in Parameter Store.

provider "aws" {
  region = var.region
}

data "aws_region" "current" {}

locals {
  name = "cider-${var.season}"

  # Logical names in CloudFormation are letters and digits only.
  logical = {
    for apple in distinct(flatten(values(var.orchards))) : apple => replace(title(replace(apple, "-", " ")), " ", "")
  }

  # What the orchards' stacks put out is unknown until they exist, but its names are not.
  bins = merge([
    for orchard, apples in var.orchards : {
      for apple in apples : "${orchard}/${apple}" => { orchard = orchard, output = "${local.logical[apple]}Url" }
    }
  ]...)
}

# Templates that are too long to be passed on, or nested, have to be in a bucket.

resource "aws_s3_bucket" "templates" {
  bucket        = "${var.bucket_prefix}-templates"
  force_destroy = true
  tags          = var.tags

  versioning {
    enabled = true
  }

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
}

resource "aws_s3_bucket_object" "prices" {
  bucket       = aws_s3_bucket.templates.id
  key          = "prices-${filemd5("${path.module}/stacks/prices.yaml")}.yaml"
  source       = "${path.module}/stacks/prices.yaml"
  content_type = "application/yaml"
}

# One stack per orchard, with a queue for every sort of apple.

resource "aws_cloudformation_stack" "orchard" {
  for_each = var.orchards

  name       = "${local.name}-${each.key}"
  on_failure = "DELETE"
  tags       = merge(var.tags, { Orchard = each.key })

  template_body = templatefile("${path.module}/stacks/orchard.yaml.tpl", {
    orchard = each.key
    apples  = { for apple in each.value : apple => local.logical[apple] }
  })

  parameters = {
    Season       = var.season
    KeepForHours = tostring(lookup(var.keep_hours, each.key, 24))
  }
}

# The market hears from all orchards; the prices are a stack within its stack.

resource "aws_cloudformation_stack" "market" {
  name          = "${local.name}-market"
  template_body = file("${path.module}/stacks/market.yaml")
  capabilities  = ["CAPABILITY_NAMED_IAM"]
  on_failure    = "DELETE"
  tags          = var.tags

  parameters = {
    Season    = var.season
    Currency  = var.currency
    QueueArns = join(",", sort([for stack in aws_cloudformation_stack.orchard : stack.outputs["WindfallArn"]]))
    PricesUrl = "https://${aws_s3_bucket.templates.id}.s3.${data.aws_region.current.id}.amazonaws.com/${aws_s3_bucket_object.prices.key}"
  }
}

# What others may know, in one place.

resource "aws_ssm_parameter" "bin" {
  for_each = local.bins

  name  = "/${local.name}/bins/${each.key}"
  type  = "String"
  value = aws_cloudformation_stack.orchard[each.value.orchard].outputs[each.value.output]
  tags  = var.tags
}

resource "aws_ssm_parameter" "market" {
  for_each = {
    "topic"    = "TopicArn"
    "buyer"    = "BuyerRoleArn"
    "currency" = "Currency"
  }

  name  = "/${local.name}/market/${each.key}"
  type  = "String"
  value = aws_cloudformation_stack.market.outputs[each.value]
  tags  = var.tags
}

resource "aws_sns_topic_subscription" "windfall" {
  for_each = var.orchards

  topic_arn            = aws_cloudformation_stack.market.outputs["TopicArn"]
  protocol             = "sqs"
  endpoint             = aws_cloudformation_stack.orchard[each.key].outputs["WindfallArn"]
  raw_message_delivery = true
}
