# A bakery chain as a tree of modules three deep: bakeries hold ovens, ovens hold alarms, each made by for_each, and every output is threaded up to the root.

provider "aws" {
  region = var.region
}

resource "aws_kms_key" "chain" {
  description             = "Everything that the ${var.chain} keeps to itself"
  deletion_window_in_days = 7
}

resource "aws_kms_alias" "chain" {
  name          = "alias/${var.chain}"
  target_key_id = aws_kms_key.chain.key_id
}

module "bakery" {
  source   = "./modules/bakery"
  for_each = var.bakeries

  name        = "${var.chain}-${each.key}"
  kms_key_arn = aws_kms_key.chain.arn
  ovens       = each.value.ovens
  opens_at    = each.value.opens_at
}

# One registry at the root, made from what the leaves report.

locals {
  ovens = merge([
    for bakery, parts in module.bakery : {
      for oven, parts in parts.ovens : "${bakery}/${oven}" => parts
    }
  ]...)
}

resource "aws_ssm_parameter" "registry" {
  name  = "/${var.chain}/registry"
  type  = "String"
  value = jsonencode({ for path, oven in local.ovens : path => oven.queue_arn })
}
